import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { Scope } from '../../../common/index.js';
import { LangGraphDialect } from '../dialect/langgraph.dialect.js';
import type { ThreadMessage } from '../dialect/messages.js';
import { nameOf, type Modes } from '../dialect/modes.js';
import { threadIdOf } from '../threads/thread-id.js';
import { ThreadStates } from '../threads/thread-states.js';
import type { ChatDocument } from '../../../chats/index.js';

/** How the log of one run is written for clients that asked for the same modes. */
export interface RunDialect {
  readonly dialect: LangGraphDialect;
  /** Resolves when the dialect can write: once the run has begun, what was said before it is known. */
  ready(): Promise<void>;
}

interface Kept extends RunDialect {
  readers: number;
}

/** Clients that follow the same run in the same modes share one dialect, and so the bytes of its frames. */
@Injectable()
export class RunDialects {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly states: ThreadStates) {}

  /** The dialect for a response, kept until that is closed. */
  for(
    scope: Scope,
    run: { chat: ChatDocument; runId: string; modes: Modes },
    response: ServerResponse,
  ): RunDialect {
    const key = `${run.runId} ${nameOf(run.modes)}`;
    const kept = this.kept.get(key) ?? this.create(scope, run);
    this.kept.set(key, kept);
    kept.readers++;
    response.once('close', () => {
      if (--kept.readers === 0 && this.kept.get(key) === kept) this.kept.delete(key);
    });
    return kept;
  }

  private create(
    scope: Scope,
    { chat, runId, modes }: { chat: ChatDocument; runId: string; modes: Modes },
  ): Kept {
    let before: readonly ThreadMessage[] = [];
    let loading: Promise<void> | undefined;
    const load = async (): Promise<void> => {
      before = await this.states.before(scope, await this.states.read(scope, chat), runId);
    };
    const dialect = new LangGraphDialect({ modes, threadId: threadIdOf(chat), before: () => before });
    const ready = (): Promise<void> => {
      if (!modes.has('values')) return Promise.resolve();
      loading ??= load().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    };
    return { dialect, ready, readers: 0 };
  }
}
