import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { clip, isJsonObject, redactSecrets } from '../../common/index.js';
import { ConnectionFailure } from './connection.js';
import { RESULT_TOO_LARGE, STREAM_ENDED } from './http-transport.js';
import { tooLarge } from './limited-body.js';

const REASON_MAX_CHARS = 300;

/** What is known about a connection when something fails. */
export interface FailureContext {
  /** Aborted with a {@link ConnectionFailure} when the connection has ended. */
  ended: AbortSignal;
  /** Whether the server has given it a session. */
  hasSession: () => boolean;
  maxResultBytes: number;
  /** Never appear in a message. */
  secrets: readonly string[];
  /** What a child wrote last. */
  lastWords: () => string;
}

/** Reads the errors of the SDK, which tell little by their types. */
export class SdkFailures {
  constructor(private readonly about: FailureContext) {}

  /** @param what happened, if nothing better is known. */
  read(error: unknown, what: string): ConnectionFailure {
    const known = innerFailure(error);
    if (known) return known;
    const failure = (kind: ConnectionFailure['kind'], message: string) =>
      new ConnectionFailure(kind, message, { cause: error });
    if (error instanceof SdkHttpError) return failure(...this.ofStatus(error));
    if (error instanceof ProtocolError && error.code === STREAM_ENDED)
      return failure('lost', this.because('its stream broke'));
    if (error instanceof ProtocolError && error.code === RESULT_TOO_LARGE)
      return tooLarge(this.about.maxResultBytes);
    if (error instanceof ProtocolError) return failure('refused', this.clean(error.message));
    // An aborted request has the same code, but no time.
    if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout && error.data !== undefined)
      return failure('refused', this.because('it did not answer in time'));
    // Everything else may be a consequence of the end.
    if (this.about.ended.aborted) return this.about.ended.reason as ConnectionFailure;
    if (error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed)
      return failure('lost', this.because('the connection was closed'));
    return failure('refused', this.because(`${what} (${this.clean(messageOf(error))})`));
  }

  private ofStatus({ status, data }: SdkHttpError): [ConnectionFailure['kind'], string] {
    if (this.about.hasSession() && (status === 400 || status === 404))
      return ['session_lost', 'it forgot the session'];
    const text = typeof data['text'] === 'string' ? data['text'].trim() : '';
    const about = text === '' || text.startsWith('<') ? '' : `: ${this.clean(text)}`;
    return ['refused', `it answered HTTP ${status}${about}`];
  }

  /** With what else is known about the end. */
  because(what: string): string {
    const words = this.about.lastWords();
    return words === '' ? what : `${what}; it wrote: ${this.clean(words)}`;
  }

  private clean(text: string): string {
    return clip(redactSecrets(text.replace(/\s+/g, ' ').trim(), this.about.secrets), REASON_MAX_CHARS);
  }
}

function innerFailure(error: unknown): ConnectionFailure | undefined {
  for (let inner = error; isJsonObject(inner); inner = inner['cause'])
    if (inner instanceof ConnectionFailure) return inner;
  return undefined;
}

function messageOf(error: unknown): string {
  return isJsonObject(error) && typeof error['message'] === 'string' ? error['message'] : String(error);
}
