import { AppError, type Scope } from '../../../common/index.js';
import type { ChatNews, KnownQuestion, MessagesRepository } from '../../../messages/index.js';
import type { LogAccess } from '../../../streams/index.js';
import { fold, initialTalk, type Told } from '../fold.js';
import type { Place } from './place.js';

/** One event for the client. */
export interface Said {
  told: Told;
  id: string;
  place: Place;
}

/** What a reader reads from, and whom it tells. */
export interface ReaderSetup {
  scope: Scope;
  logs: LogAccess;
  messages: MessagesRepository;
  news: ChatNews;
  /** Resolves when the client can take more. */
  say: (said: Said) => Promise<void> | undefined;
  /** The answer to a question has been told. */
  onEnd: (messageId: string) => void;
}

const QUESTIONS_AT_ONCE = 20;
/** With several processes, how often an idle conversation is looked at in case news of it were lost. */
const LOOK_MS = 30_000;

/** Reads a conversation for one client: one answer after the other, in the order of the questions, as fast as it reads. */
export class ConversationReader {
  private readonly ending = new AbortController();
  private wake: () => void = () => undefined;
  private hasNews = true;

  constructor(
    /** Where it began to read. */
    readonly from: Place,
    private readonly setup: ReaderSetup,
  ) {}

  /** Reads until {@link stop}. @throws what the database throws; the client's permission has ended. */
  async run(): Promise<void> {
    const { news } = this.setup;
    const onNews = (): void => {
      this.hasNews = true;
      this.wake();
    };
    const leave = news.listen(this.from.chat_id, onNews);
    const timer = news.isShared ? setInterval(onNews, LOOK_MS) : undefined;
    try {
      await this.read();
    } finally {
      leave();
      clearInterval(timer);
    }
  }

  stop(): void {
    this.ending.abort();
    this.wake();
  }

  private async read(): Promise<void> {
    const { seen } = this.from;
    let { after } = this.from;
    if (seen) await this.answer({ id: seen.message_id, at: new Date(after), content: '' }, seen.event_id);
    while (!this.isOver()) {
      this.hasNews = false;
      const questions = await this.questions(after);
      for (const question of questions) {
        after = question.at.getTime();
        if (!this.isOver()) await this.answer(question);
      }
      if (questions.length === 0) await this.sleep();
    }
  }

  private isOver(): boolean {
    return this.ending.signal.aborted;
  }

  private questions(after: number): Promise<KnownQuestion[]> {
    const { messages, scope } = this.setup;
    return messages.questionsAfter(scope, this.from.chat_id, new Date(after), QUESTIONS_AT_ONCE);
  }

  private async answer({ id: message_id, at }: KnownQuestion, after?: string): Promise<void> {
    const { logs, scope, say, onEnd } = this.setup;
    const { chat_id } = this.from;
    const log = await logs.open(scope, { message_id, chat_id, after }).catch(ifGone);
    if (!log || log.ended) return;
    const { signal } = this.ending;
    let state = initialTalk;
    for await (const span of log.follow(0, signal)) {
      for (const { seq, event } of span.frames) {
        const [told, next] = fold(state, event);
        state = next;
        if (!told || seq < log.from || signal.aborted) continue;
        const place = { chat_id, after: at.getTime(), seen: { message_id, event_id: event.id } };
        const wait = say({ told, id: event.id, place });
        if (wait) await wait;
      }
      if (span.isEnd) onEnd(message_id);
    }
  }

  /** Until there is news; not at all if it has come meanwhile. */
  private sleep(): Promise<void> {
    if (this.isOver() || this.hasNews) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

/** A log that has expired, or whose message was deleted, is passed over. */
function ifGone(error: unknown): undefined {
  if (error instanceof AppError && ['events_expired', 'message_not_found'].includes(String(error.code)))
    return undefined;
  throw error;
}
