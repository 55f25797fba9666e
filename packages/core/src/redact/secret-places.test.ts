import { describe, expect, test } from 'vitest';
import { redact } from './redact.ts';
import { redactValue } from './redact-value.ts';

const PASSWORD = ['Ginger', 'Bread', '5521'].join('');
const SIGNED = ['Pine', '&', 'cone', '@', '77'].join('');
const HEX = 'c3a91f0e7b5d2846'.repeat(3);
const shown = (text: string) => redact(text);
const kept = (value: unknown) => JSON.stringify(redactValue(value).value);

describe('a name says what stands below, beside or inside it', () => {
  test.each([
    ['a table', `| login | passphrase |\n| --- | :-: |\n| eve | ${PASSWORD} |`],
    ['a table in JSON', JSON.stringify({ log: `|a|password|\n|-|-|\n|x|${PASSWORD}|\n` })],
    ['a second row of CSV', `host;password\na;none\nb;${PASSWORD}\n`],
    ['a database shell', ` id | password\n----+---------\n 1 | ${PASSWORD}\n(1 row)\n`],
    ['a block with a default', `parameter "root_password" {\n  kind = text\n  default = "${PASSWORD}"\n}`],
    ['a map below a name', `rootPassword:\n  value: ${PASSWORD}\n`],
    ['a map in JSON', `{"rootPassword":{"value":"${PASSWORD}"}}`],
    ['a type beside a value', `{"type":"password","value":"${PASSWORD}"}`],
    ['two elements', `<key>ftpPassword</key>\n <string>${PASSWORD}</string>`],
    ['an attribute of SAML', `<a:Attribute Name="password"><a:AttributeValue>${PASSWORD}</a:AttributeValue></a:Attribute>`],
    ['three quotes', `password = """${PASSWORD}"""`],
    ['a type before the quote', `["password"]=> string(14) "${PASSWORD}"`],
    ['a call with room before its second argument', `define('AUTH_SALT',            '${HEX}');`],
    ['base64 after two colons', `userPassword:: ${Buffer.from(PASSWORD).toString('base64')}`],
  ])('%s', (_, text) => {
    expect(shown(text)).not.toContain(PASSWORD);
    expect(shown(text)).not.toContain(Buffer.from(PASSWORD).toString('base64'));
    expect(shown(text)).not.toContain(HEX);
  });

  test.each([
    `| column | type |\n| password | text |`,
    `name,age\npassword,3d\n`,
    'passwordSecretRef:\n  default: shop-db\n',
    '<key>Title</key>\n<string>Shop1234567</string>',
  ])('%j stays', (text) => expect(shown(text)).toBe(text));
});

describe('passwords that hold the marks at which others end', () => {
  test.each([
    ['a source of Go', `shop:${SIGNED}@tcp(db:3306)/x`],
    ['an address of Oracle', `jdbc:oracle:thin:shop/${SIGNED}@//ora:1521/x`],
    ['a flag', `exec: --password=${SIGNED}: not found`],
    ['a host with nothing behind it', `refused for shop:${SIGNED.replace('@', '')}@db`],
  ])('%s', (_, text) => expect(shown(text)).not.toContain(SIGNED.slice(5, 9)));

  test('a query still ends at its mark', () => expect(shown(`/a?token=${HEX}&page=2`)).toMatch(/&page=2$/));
});

describe('what programs and people write', () => {
  test.each([
    ['a user list', `"eve" "${PASSWORD}"`],
    ['users of Redis', `user eve on >${PASSWORD} ~* +@all`],
    ['a proxy', `  stats auth eve:${PASSWORD}`],
    ['a script that waits', `expect "Password: "\nsend "${PASSWORD}\\r"`],
    ['a trace of PHP', `#2 /a.php(3): mysqli_connect('db', 'eve', '${PASSWORD}', 'shop')`],
    ['a pipe', `echo '${PASSWORD}' | sudo -S id`],
    ['a statement of Db2', `connect to shop user eve using ${PASSWORD}`],
    ['an announcement at its end', `A temporary password was generated for eve@localhost: ${PASSWORD}`],
    ['a key with a number', `Unseal Key 3: ${Buffer.from(HEX.slice(0, 32)).toString('base64')}`],
    ['a login with a stroke', `you can log in with eve / ${PASSWORD}`],
    ['in French', `mot de passe : ${PASSWORD}`],
    ['SMTP', `C: AUTH PLAIN ${Buffer.from(`\0eve\0${PASSWORD}`).toString('base64')}`],
    ['an issuer nobody knows', `made a client with zorp_live_${HEX}`],
    ['a recovery phrase', `WALLET_MNEMONIC="${'apple river stone '.repeat(4).trim()}"`],
  ])('%s', (_, text) => {
    const values = (text.match(/[A-Za-z0-9+/=]{12,}|apple river stone/g) ?? []).filter((run) => run === PASSWORD || run.length > 15);
    expect(values).not.toEqual([]);
    for (const value of values) expect(shown(text)).not.toContain(value);
  });

  test.each([
    'password = os.environ["DB_PASSWORD"]',
    'password: process.env.DB_PASSWORD,',
    'token = local.token',
    'password: !Ref DbPassword',
    'const token = await getToken();',
    'if (password === undefined) throw x',
    'export PASSWORD=$(cat /run/secrets/pw)',
    'token: expired',
    'passwordEncoder: bcrypt',
    'userPasswordKey: mongodb-passwords',
    'PWD=/app',
    'pass: 12 fail: 0',
    'Set-Cookie: theme=dark; Path=/',
    'mac 02:42:ac:11:00:02 is up',
    'token_type=bearer expires_in=3600',
    '250-AUTH LOGIN PLAIN CRAM-MD5',
    'kubectl create secret generic a --from-file=password=./pw.txt',
    `password: ENC[AES256_GCM,data:${PASSWORD},iv:${'aB3/'.repeat(10)}aB3=,tag:${'xY9+'.repeat(5)}xQ==,type:str]`,
    `commit_${HEX.slice(0, 40)}`,
    'Failed password for invalid user admin2025 from 10.0.0.3 port 51122 ssh2',
    'docker.io/library/redis:7.4',
    'npm:react@18.2.0',
  ])('%s stays', (text) => expect(shown(text)).toBe(text));
});

describe('objects', () => {
  test.each([
    ['a file that begins like a reference', { data: { 'values.yaml': `env:\n  - name: DB_PASSWORD\n    value: ${PASSWORD}\n` } }],
    ['a file that is a template', { data: { 'a.conf': `{{ if .x }}\npassword: ${PASSWORD}\n{{ end }}` } }],
    ['a file in which something was removed', { data: { 'a.conf': `[redacted token]\npassword: ${PASSWORD}` } }],
    ['a flag that holds its password', { command: ['mysqladmin'], args: ['-uroot', `-p${PASSWORD}`, 'ping'] }],
    ['the same in a probe', { exec: { command: ['mysqladmin', 'ping', `-p${PASSWORD}`] } }],
    ['a flag of the command, a password of the arguments', { command: ['redis-server', '--requirepass'], args: [PASSWORD] }],
    ['a flag that does not say so', { command: ['/usr/bin/redis-cli'], args: ['-a', PASSWORD, 'ping'] }],
    ['a value in a map', { spec: { rootPassword: { value: PASSWORD } } }],
    ['users of Redis', { data: { 'users.acl': `user eve on >${PASSWORD} +@all` } }],
  ])('%s', (_, value) => expect(kept(value)).not.toContain(PASSWORD));

  test('a short number that lets one in', () => expect(kept({ env: [{ name: 'HSM_PIN', value: '730194' }] })).not.toContain('730194'));

  test.each([
    [{ command: ['docker-entrypoint.sh'], args: ['-p', '8080'] }],
    [{ command: ['ssh', '-p', '2222', 'eve@bastion.example'] }],
    [{ kind: 'SealedSecret', spec: { encryptedData: { password: `AgB${HEX}` } } }],
    [{ metadata: { annotations: { 'nginx.ingress.kubernetes.io/auth-secret': 'shop/basic-auth-users' } } }],
    [{ spec: { password: { type: 'string', description: 'Password of the database' } } }],
  ])('%j stays', (value) => expect(redactValue(value).removed).toEqual([]));
});
