import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { bytesIn, messagesIn, numberIn, readMessage, textIn, type Fields } from './protobuf.js';
import { until } from './until.js';

/** A span as it was received. */
export interface ReceivedSpan {
  trace_id: string;
  span_id: string;
  /** Empty: it has no parent. */
  parent: string;
  name: string;
  /** 1 internal, 2 server, 3 client. */
  kind: number;
  /** Nanoseconds since the epoch. */
  start: bigint;
  end: bigint;
  attributes: Record<string, unknown>;
  links: { span_id: string; attributes: Record<string, unknown> }[];
  /** 2: error. */
  status: number;
}

/** One request to it. */
export interface ReceivedRequest {
  path: string;
  headers: IncomingMessage['headers'];
  spans: ReceivedSpan[];
  /** Attributes of the service. */
  resource: Record<string, unknown>;
}

/** A collector: takes spans over OTLP/HTTP, as protobuf or JSON, and decodes them. */
export class OtlpReceiver {
  readonly requests: ReceivedRequest[] = [];
  /** Answers with this status instead, and keeps nothing. */
  refuseWith: number | undefined;
  /** Answers nothing at all. */
  hangs = false;
  refused = 0;

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.receive(request, response);
    });
  }

  static async start(port = 0): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server);
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get spans(): ReceivedSpan[] {
    return this.requests.flatMap(({ spans }) => spans);
  }

  /** Resolves with the spans of a trace once one with this name is among them. */
  traceWith(
    name: string | RegExp,
    wanted: (span: ReceivedSpan) => boolean = () => true,
  ): Promise<ReceivedSpan[]> {
    const fits = (span: ReceivedSpan): boolean =>
      (typeof name === 'string' ? span.name === name : name.test(span.name)) && wanted(span);
    return until(`a span ${String(name)} arrives`, () => {
      const found = this.spans.find(fits);
      return found && this.spans.filter(({ trace_id }) => trace_id === found.trace_id);
    });
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.hangs) return;
    if (this.refuseWith !== undefined) {
      this.refused++;
      response.writeHead(this.refuseWith).end();
      return;
    }
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const isJson = request.headers['content-type']?.includes('json') ?? false;
    const decoded = isJson ? fromJson(JSON.parse(body.toString())) : fromProtobuf(body);
    this.requests.push({ path: request.url ?? '', headers: request.headers, ...decoded });
    response.writeHead(200, { 'content-type': isJson ? 'application/json' : 'application/x-protobuf' }).end();
  }
}

/** The spans of a trace as an indented tree, children by time; spans whose parent is missing stand at the left. */
export function drawTrace(spans: readonly ReceivedSpan[]): string {
  const ids = new Set(spans.map(({ span_id }) => span_id));
  const draw = (span: ReceivedSpan, depth: number): string[] => {
    const ms = Number((span.end - span.start) / 1_000_000n);
    const failed = span.status === 2 ? ` ✗ ${span.attributes['error.type'] as string}` : '';
    const children = spans.filter(({ parent }) => parent === span.span_id).sort(byStart);
    return [
      `${'  '.repeat(depth)}${span.name} (${ms} ms)${failed}`,
      ...children.flatMap((child) => draw(child, depth + 1)),
    ];
  };
  const roots = spans.filter(({ parent }) => !ids.has(parent)).sort(byStart);
  return roots.flatMap((root) => draw(root, 0)).join('\n');
}

const byStart = (a: ReceivedSpan, b: ReceivedSpan): number => Number(a.start - b.start);

type Decoded = Pick<ReceivedRequest, 'spans' | 'resource'>;

function fromProtobuf(body: Buffer): Decoded {
  const resources = messagesIn(readMessage(body), 1);
  const scopes = resources.flatMap((resource) => messagesIn(resource, 2));
  const [resource] = resources.flatMap((one) => messagesIn(one, 1));
  return {
    resource: resource ? attributesIn(resource, 1) : {},
    spans: scopes.flatMap((scope) => messagesIn(scope, 2)).map(spanOf),
  };
}

function spanOf(span: Fields): ReceivedSpan {
  const [status] = messagesIn(span, 15);
  return {
    trace_id: bytesIn(span, 1).toString('hex'),
    span_id: bytesIn(span, 2).toString('hex'),
    parent: bytesIn(span, 4).toString('hex'),
    name: textIn(span, 5),
    kind: numberIn(span, 6),
    start: bytesIn(span, 7).readBigUInt64LE(),
    end: bytesIn(span, 8).readBigUInt64LE(),
    attributes: attributesIn(span, 9),
    links: messagesIn(span, 13).map((link) => ({
      span_id: bytesIn(link, 2).toString('hex'),
      attributes: attributesIn(link, 4),
    })),
    status: status ? numberIn(status, 3) : 0,
  };
}

function attributesIn(fields: Fields, number: number): Record<string, unknown> {
  return Object.fromEntries(
    messagesIn(fields, number).map((pair) => [textIn(pair, 1), valueOf(messagesIn(pair, 2)[0])]),
  );
}

function valueOf(value: Fields | undefined): unknown {
  if (!value) return undefined;
  if (value.has(1)) return textIn(value, 1);
  if (value.has(2)) return numberIn(value, 2) === 1;
  if (value.has(3)) return numberIn(value, 3);
  if (value.has(4)) return bytesIn(value, 4).readDoubleLE();
  return messagesIn(readMessage(bytesIn(value, 5)), 1).map(valueOf);
}

/* The JSON encoding of the same messages. */
function fromJson(body: any): Decoded {
  const pairs = (list: any[] = []): Record<string, unknown> =>
    Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));
  const spans = body.resourceSpans.flatMap((one: any) => one.scopeSpans.flatMap((scope: any) => scope.spans));
  return {
    resource: pairs(body.resourceSpans[0]?.resource?.attributes),
    spans: spans.map((span: any) => ({
      trace_id: span.traceId,
      span_id: span.spanId,
      parent: span.parentSpanId ?? '',
      name: span.name,
      kind: span.kind,
      start: BigInt(span.startTimeUnixNano),
      end: BigInt(span.endTimeUnixNano),
      attributes: pairs(span.attributes),
      links: (span.links ?? []).map((link: any) => ({
        span_id: link.spanId,
        attributes: pairs(link.attributes),
      })),
      status: span.status?.code ?? 0,
    })),
  };
}
