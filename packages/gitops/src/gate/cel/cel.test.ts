import { describe, expect, test } from 'vitest';
import { celSyntaxFlaw, evaluateCel } from './expression.ts';

const object = {
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { replicas: 3, containers: [{ name: 'web', image: 'registry.example/web:1', resources: { limits: { memory: '256Mi' } } }] },
};

describe('CEL with the libraries of Kubernetes', () => {
  test.each([
    ['object.spec.replicas <= 5 && object.spec.replicas == 3', true],
    ['has(object.metadata.labels) && "app" in object.metadata.labels', true],
    ['object.spec.containers.all(c, c.image.startsWith("registry.example/"))', true],
    ['object.spec.?template.?spec.orValue({}) == {}', true],
    ['quantity(object.spec.containers[0].resources.limits.memory).isLessThan(quantity("1Gi"))', true],
    ['quantity("1Gi").compareTo(quantity("1024Mi")) == 0 && quantity("100m") == quantity("0.1")', true],
    // The last digit is Go's: digits and power of ten are rounded one after the other.
    ["quantity('-1').add(quantity('0.5Gi')).asApproximateFloat() == 5.3687091100000006e+08", true],
    ["quantity('12345678901234567890').asApproximateFloat() == 1.234567890123457e+19", true],
    ["quantity('10Ei').add(quantity('1k')).asApproximateFloat() == 9.223372036854776e+18", true],
    ["dyn(b'a') in dyn({})", false],
    ['quantity("64Mi").add(quantity("64Mi")).asInteger() == 134217728', true],
    ['isQuantity("12 apples")', false],
    ['cidr("10.0.0.0/8").containsIP("10.200.0.1") && !cidr("10.0.0.0/8").containsCIDR("11.0.0.0/16")', true],
    ['ip("127.0.0.1").isLoopback() && ip("::1").family() == 6 && !ip("10.0.0.1").isLoopback()', true],
    ['url("https://example.com:8443/a?b=c").getHost()', 'example.com:8443'],
    ['"registry.example/web:1".find(":[0-9]+$")', ':1'],
    ['"%s has %d".format([object.metadata.name, object.spec.replicas])', 'web has 3'],
    ['"a-b-c".replace("-", "+", 1)', 'a+b-c'],
    ['sets.contains(["a", "b"], ["b"]) && sets.equivalent([1, 2], [2, 1]) && !sets.intersects(["a"], ["b"])', true],
    ['[3, 1, 2].min() == 1 && [1, 2].sum() == 3 && ["b", "a"].sort()[0] == "a"', true],
    ['semver("1.10.0").isGreaterThan(semver("1.9.9")) && semver("1.0.0-rc.1").isLessThan(semver("1.0.0"))', true],
  ])('%s', (expression, expected) => {
    expect(evaluateCel(expression, { object })).toEqual({ status: 'value', value: expected });
  });

  test.each([
    ['object.spec.missing == 1', /missing/],
    ['authorizer.group("").resource("pods").check("get").allowed()', /authorizer/],
    ['quantity("x").sign() == 0', /not a quantity/],
    ["dyn(b'a') in dyn({'a': 1})", /bytes are no key/],
    ['object.spec.replicas >', /./],
  ])('%s cannot be decided, and says why', (expression, reason) => {
    expect(evaluateCel(expression, { object })).toMatchObject({ status: 'error', reason: expect.stringMatching(reason) });
  });

  test('syntax is checked without running', () => {
    expect(celSyntaxFlaw('object.spec.replicas > 1')).toBeUndefined();
    expect(celSyntaxFlaw('object.spec.(')).toBeDefined();
  });
});
