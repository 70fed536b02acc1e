import {
  createStackParser,
  createTransport,
  dedupeIntegration,
  linkedErrorsIntegration,
  Scope,
  type BaseTransportOptions,
  type ErrorEvent,
  type Transport,
  type TransportRequest,
} from '@sentry/core';
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server';
import { fetch } from 'undici';
import { redactSecrets } from '../../common/index.js';
import { secretsOf, type Settings } from '../config/index.js';
import type { ErrorAbout, Reporter } from './reporter.js';

const SEND_LIMIT_MS = 5000;
const FLUSH_LIMIT_MS = 2000;
const MESSAGE_MAX_CHARS = 200;
/** Fields of a log line that become tags. */
const TAGS = ['context', 'code', 'request_id', 'trace_id', 'message_id', 'chat_id', 'tool'];
/** In an error's text, what is quoted or looks like data may be what a user said. */
const DATA = /"[^"]*"|'[^']*'|`[^`]*`|«[^»]*»|“[^”]*”|\{.*\}|\[.*\]/gs;

/**
 * Sentry's own client, without its integrations: no requests, breadcrumbs, local variables or spans are collected, so
 * what is sent is the error's class, its stack, its text without data, and a few ids.
 */
export class SentryReporter implements Reporter {
  private readonly client: ServerRuntimeClient;
  private readonly secrets: readonly string[];

  constructor(settings: Settings) {
    this.secrets = secretsOf(settings);
    this.client = new ServerRuntimeClient({
      dsn: settings.SENTRY_DSN,
      environment: settings.SENTRY_ENVIRONMENT,
      platform: 'node',
      runtime: { name: 'node', version: process.version },
      stackParser: createStackParser(nodeStackLineParser()),
      integrations: [dedupeIntegration(), linkedErrorsIntegration()],
      transport: sendWithFetch,
      beforeSend: (event) => this.clean(event),
    });
    this.client.init();
  }

  report(error: Error, about: ErrorAbout): void {
    const scope = new Scope();
    for (const name of TAGS) {
      const value = about[name];
      if (typeof value === 'string') scope.setTag(name, value);
    }
    this.client.captureException(error, { originalException: error }, scope);
  }

  async close(): Promise<void> {
    await Promise.resolve(this.client.close(FLUSH_LIMIT_MS)).catch(() => undefined);
  }

  private clean(event: ErrorEvent): ErrorEvent {
    for (const exception of event.exception?.values ?? [])
      exception.value = withoutData(exception.value ?? '', this.secrets);
    const { event_id, timestamp, level, exception, tags, environment, platform, type } = event;
    return {
      type,
      ...(event_id !== undefined && { event_id }),
      ...(timestamp !== undefined && { timestamp }),
      ...(level !== undefined && { level }),
      ...(exception !== undefined && { exception }),
      ...(tags !== undefined && { tags }),
      ...(environment !== undefined && { environment }),
      ...(platform !== undefined && { platform }),
    };
  }
}

function withoutData(text: string, secrets: readonly string[]): string {
  return redactSecrets(text.replace(DATA, '…'), secrets).slice(0, MESSAGE_MAX_CHARS);
}

function sendWithFetch(options: BaseTransportOptions): Transport {
  return createTransport(options, async ({ body }: TransportRequest) => {
    const response = await fetch(options.url, {
      method: 'POST',
      body: body as string,
      headers: { ...options.headers },
      redirect: 'error',
      signal: AbortSignal.timeout(SEND_LIMIT_MS),
    });
    await response.body?.cancel();
    return {
      statusCode: response.status,
      headers: {
        'x-sentry-rate-limits': response.headers.get('x-sentry-rate-limits'),
        'retry-after': response.headers.get('retry-after'),
      },
    };
  });
}
