import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';

/** A place among the streams that a process serves. */
export interface StreamPlace {
  /**
   * Sets the message whose log is streamed.
   * @throws AppError 429 `too_many_streams_of_message`; the place is released then.
   */
  assign(messageId: string): void;
  /** Releases the place; calling twice does no harm. */
  release(): void;
}

/**
 * Admission of streams. A door that creates a message and streams its run reserves a place first, so that it never
 * stores a message that it cannot serve.
 */
@Injectable()
export class StreamPlaces {
  private total = 0;
  private readonly perMessage = new Map<string, number>();

  constructor(private readonly settings: Settings) {}

  /** Places in use. */
  get occupied(): number {
    return this.total;
  }

  /** @throws AppError 503 `too_many_streams`. */
  reserve(): StreamPlace {
    if (this.total >= this.settings.STREAMS_MAX) throw new AppError('too_many_streams');
    this.total++;
    let message: string | undefined;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      this.total--;
      if (message !== undefined) this.leave(message);
    };
    const assign = (messageId: string): void => {
      const streams = this.perMessage.get(messageId) ?? 0;
      if (streams >= this.settings.STREAMS_MAX_PER_MESSAGE) {
        release();
        throw new AppError('too_many_streams_of_message');
      }
      this.perMessage.set(messageId, streams + 1);
      message = messageId;
    };
    return { assign, release };
  }

  private leave(messageId: string): void {
    const left = (this.perMessage.get(messageId) ?? 1) - 1;
    if (left > 0) this.perMessage.set(messageId, left);
    else this.perMessage.delete(messageId);
  }
}
