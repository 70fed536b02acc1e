import { Injectable } from '@nestjs/common';
import { request } from 'undici';
import type { z } from 'zod';
import { parseJson, redactSecrets } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { fieldsOfSignal, Log } from '../../platform/logging/index.js';
import { traceHeadersOf } from '../../platform/telemetry/index.js';
import { ToolError } from '../../tools/index.js';
import { withDeadline } from './deadline.js';
import { foreignLine } from './foreign-text.js';
import { readLimited } from './read-limited.js';

const ANSWER_MAX_BYTES = 2_000_000;
const REASON_MAX_CHARS = 200;

/** A question to a JSON API that the operator has configured. */
export interface ApiQuestion<S extends z.ZodType> {
  /** Who is asked, as the beginning of a sentence: `The weather service`. */
  peer: string;
  /** The setting that an operator has to look at if it does not work. */
  setting: string;
  url: URL;
  headers?: Record<string, string>;
  /** Sent as JSON with POST. */
  body?: object;
  /** What the answer must contain; everything else in it is dropped. */
  answer: S;
  signal: AbortSignal;
  /** Never shown, wherever the API repeats them. */
  secrets?: readonly string[];
}

/**
 * Asks APIs whose address comes from the settings. Redirects are not followed: they would take keys to other hosts.
 */
@Injectable()
export class JsonApi {
  private readonly logger = new Log(JsonApi.name);

  constructor(private readonly settings: Settings) {}

  /** @throws ToolError `unreachable`, `rate_limited`, `not_authorized`, `rejected`, `timed_out`, `too_large` or `unreadable_answer`. */
  async ask<S extends z.ZodType>(question: ApiQuestion<S>): Promise<z.output<S>> {
    const { peer, signal } = question;
    const { status, text } = await withDeadline(
      { signal, ms: this.settings.TOOLBOX_TIMEOUT_MS, peer },
      (end) => this.send(question, end),
    );
    if (status < 200 || status > 299) throw this.refused(question, status, text);
    const read = question.answer.safeParse(parseJson(text));
    if (read.success) return read.data;
    this.note(question, 'answered with something else than its API promises');
    throw new ToolError(
      `${peer} answered with something unreadable. Do not try again; say that it does not work at the moment.`,
      'unreadable_answer',
    );
  }

  private async send<S extends z.ZodType>(
    { url, headers, body, peer, setting }: ApiQuestion<S>,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const json = body && { method: 'POST' as const, body: JSON.stringify(body) };
    try {
      const answer = await request(url, {
        ...json,
        headers: {
          accept: 'application/json',
          ...(json && { 'content-type': 'application/json' }),
          ...traceHeadersOf(signal),
          ...headers,
        },
        signal,
      });
      return {
        status: answer.statusCode,
        text: (await readLimited(answer.body, ANSWER_MAX_BYTES)).toString('utf8'),
      };
    } catch (error) {
      if (error instanceof ToolError || signal.aborted) throw error;
      this.logger.warn('A tool could not reach its service', {
        setting,
        host: url.host,
        code: codeOf(error),
        ...fieldsOfSignal(signal),
      });
      throw new ToolError(`${peer} cannot be reached. Try again later.`, 'unreachable');
    }
  }

  private refused<S extends z.ZodType>(question: ApiQuestion<S>, status: number, text: string): ToolError {
    const { peer, setting, secrets = [] } = question;
    const reason = foreignLine(redactSecrets(text, secrets), REASON_MAX_CHARS);
    this.note(question, `answered ${status}: ${reason}`);
    if (status === 429)
      return new ToolError(`${peer} is used too often at the moment. Try again later.`, 'rate_limited');
    if (status === 401 || status === 403)
      return new ToolError(
        `${peer} refuses this deployment (HTTP ${status}). Do not try again; an administrator has to check ${setting}.`,
        'not_authorized',
      );
    if (status >= 500 || status < 400)
      return new ToolError(`${peer} does not work at the moment (HTTP ${status}).`, 'unreachable');
    return new ToolError(`${peer} rejected the request (HTTP ${status}): ${reason}`, 'rejected');
  }

  private note<S extends z.ZodType>({ url, setting, signal }: ApiQuestion<S>, what: string): void {
    const about = { setting, host: url.host, ...fieldsOfSignal(signal) };
    this.logger.warn(`The service of a tool ${what}`, about);
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
