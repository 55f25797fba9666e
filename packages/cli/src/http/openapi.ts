import { z } from 'zod';
import type { Route } from './route.ts';

const ERROR = { $ref: '#/components/schemas/Error' };
const errorAnswer = (description: string) => ({ description, content: { 'application/json': { schema: ERROR } } });

/** The document that describes an API, OpenAPI 3.1, made from the schemas that its requests are judged by. */
export function openApiDocument(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of routes) paths[one.path] = { ...paths[one.path], [one.method]: operationOf(one) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'tier0',
      version,
      description: 'tier0 on duty. Every call needs a bearer token, unless none is configured and the caller is on the same machine.',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Error: {
          type: 'object',
          required: ['code', 'message', 'hint'],
          properties: { code: { type: 'string' }, message: { type: 'string' }, hint: { type: 'string', description: 'What to do.' } },
        },
      },
    },
    security: [{ token: [] }],
  };
}

function operationOf({ method, path, summary, scope, query, body, answer }: Route): object {
  const ok = answer === undefined ? { 'text/event-stream': {} } : { 'application/json': { schema: schemaOf(answer, 'output') } };
  return {
    operationId: `${method}${path.replace('/api/v1', '').replace(/[^a-z]+(.)?/gi, (_, letter: string | undefined) => letter?.toUpperCase() ?? '')}`,
    summary,
    description: `Needs the scope "${scope}".`,
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: {
      200: { description: 'Done.', content: ok },
      400: errorAnswer('Not understood: the message says what.'),
      401: errorAnswer('No token, or an unknown one.'),
      403: errorAnswer('The token may not do this, or the Host or Origin is another one.'),
      404: errorAnswer('There is no such thing.'),
      409: errorAnswer('It is another one by now, or not ready yet.'),
      429: errorAnswer('Too many requests; Retry-After says when.'),
    },
  };
}

function pathParameters(path: string): readonly object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameters(query: z.ZodType | undefined): readonly object[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, object>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>;
  return rest;
}
