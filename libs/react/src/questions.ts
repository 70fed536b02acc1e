import type { CreatedMessage, RepriseClient } from '@reprise/client';
import { isGoingOn, FollowedRuns } from './followed-runs.js';

/** A message that a component has sent. */
export class Question {
  /** The server's response to it. */
  created: CreatedMessage | undefined;
  hasFailed = false;

  /** @param key what was asked; see {@link Questions.ask} */
  constructor(
    readonly key: string,
    readonly sent: Promise<CreatedMessage>,
  ) {
    sent.then(
      (created) => (this.created = created),
      () => (this.hasFailed = true),
    );
  }
}

const questionsOf = new WeakMap<RepriseClient, Questions>();

/**
 * Messages that are sent because a component is mounted. A component that mounts again, under `StrictMode` or
 * otherwise, before it has seen the end of its run continues with that run instead of asking again.
 */
export class Questions {
  private left: Question[] = [];

  private constructor(private readonly store: FollowedRuns) {}

  /** The single instance of a client. */
  static of(client: RepriseClient): Questions {
    const questions = questionsOf.get(client) ?? new Questions(FollowedRuns.of(client));
    questionsOf.set(client, questions);
    return questions;
  }

  /** The question with this key that another component has left behind, or a new one that `send` sends. */
  ask(key: string, send: () => Promise<CreatedMessage>): Question {
    const found = this.left.find((question) => question.key === key && this.isOpen(question));
    this.left = this.left.filter((question) => question !== found && this.isOpen(question));
    return found ?? new Question(key, send());
  }

  /** The component has unmounted. */
  leave(question: Question): void {
    this.left.push(question);
  }

  private isOpen({ created, hasFailed }: Question): boolean {
    return !hasFailed && (!created || isGoingOn(this.store.snapshot(created.message_id)));
  }
}
