/** A query parameter as the document describes it. */
export interface QueryParameter {
  name: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  enum?: string[];
  format?: string;
}

/** The body that a route declares. */
export interface BodySchema {
  /** Name of the schema, which is the name of the DTO. */
  name: string;
  fields: string[];
  required: string[];
  /** Whether fields that it does not have are ignored. */
  isTolerant: boolean;
}

/** What the OpenAPI document says about a route. */
export interface Route {
  /** E.g. `GET /api/chats/{chat_id}`. */
  name: string;
  method: string;
  template: string;
  /** Methods that this path answers. */
  methods: string[];
  params: string[];
  query: QueryParameter[];
  /** Request headers, in lower case. */
  headers: string[];
  body: BodySchema | undefined;
  /** Whether it takes a form with a file. */
  takesFile: boolean;
  /** Whether a successful response is a stream of events. */
  streams: boolean;
  /** The problem codes it is documented with. */
  codes: string[];
}

/** Every route of an OpenAPI document. */
export function routesOf(document: any): Route[] {
  return Object.entries<any>(document.paths).flatMap(([template, item]) => {
    const methods = Object.keys(item).map((method) => method.toUpperCase());
    return methods.map((method) => toRoute(document, template, methods, method));
  });
}

function toRoute(document: any, template: string, methods: string[], method: string): Route {
  const operation = document.paths[template][method.toLowerCase()];
  const parameters: any[] = operation.parameters ?? [];
  const named = (where: string): any[] => parameters.filter((parameter) => parameter.in === where);
  const contents = Object.values<any>(operation.responses).map(({ content }) => content ?? {});
  return {
    name: `${method} ${template}`,
    method,
    template,
    methods,
    params: named('path').map(({ name }) => name),
    query: named('query').map(({ name, schema }) => ({ name, ...schema })),
    headers: named('header').map(({ name }) => name.toLowerCase()),
    body: bodyOf(document, operation.requestBody),
    takesFile: 'multipart/form-data' in (operation.requestBody?.content ?? {}),
    streams: contents.some((content) => 'text/event-stream' in content),
    codes: contents.flatMap((content) => Object.keys(content['application/problem+json']?.examples ?? {})),
  };
}

function bodyOf(document: any, requestBody: any): BodySchema | undefined {
  // A form with a file is no body of fields.
  const json = requestBody?.content['application/json'];
  // Nor is one that may have any.
  const name = json?.schema.$ref?.split('/').at(-1);
  if (name === undefined) return undefined;
  const { properties, required = [], additionalProperties } = document.components.schemas[name];
  const isTolerant = additionalProperties === true;
  return { name, fields: Object.keys(properties), required, isTolerant };
}
