import { Injectable } from '@nestjs/common';
import type { HeldRun, MessageDocument } from '../run-record/index.js';
import type { ChatRecord } from './chat-record.js';
import { ConversationReader } from './conversation-reader.js';
import { Versions } from './versions.js';

/** A question and, once its run has ended, the answer. */
export interface Exchange {
  question: MessageDocument;
  answer: MessageDocument | undefined;
}

/** What was said before a run's question. */
@Injectable()
export class Conversation {
  constructor(private readonly reader: ConversationReader) {}

  /**
   * The exchanges before a run's question, oldest first: at most `limit`. A question that was asked again counts once,
   * in its first place, in its newest version that was answered before the question, or else its newest. Before a
   * retry comes what comes before the question that it asks again.
   */
  async before(run: HeldRun, limit: number, asked?: number): Promise<Exchange[]> {
    if (asked === 1) return [];
    const chat = await this.reader.open(run, asked);
    const versions = await versionsIn(chat);
    const without = versions.repeated;
    const firsts = (await chat.before(versions.firstOf(run), { limit, without })).reverse();
    const repeats = new Map(
      firsts.map((first) => [first, versions.repeatsBefore(first, run).map((id) => id.toHexString())]),
    );
    const exchanges = await exchangesIn(chat, firsts, [...repeats.values()].flat());
    return firsts.map((first) => {
      const ids = [first._id.toHexString(), ...(repeats.get(first) ?? [])];
      return standing(
        ids.flatMap((id) => exchanges.get(id) ?? []),
        first,
      );
    });
  }
}

async function versionsIn(chat: ChatRecord): Promise<Versions> {
  const retries = await chat.retries();
  const named = retries.map(({ retry_of }) => retry_of);
  return new Versions(retries, await chat.questions(named));
}

/** Questions and further ones, named by their ids, with their answers. */
async function exchangesIn(
  chat: ChatRecord,
  firsts: readonly MessageDocument[],
  repeats: readonly string[],
): Promise<Map<string, Exchange>> {
  const questions = [...firsts, ...(await chat.questions(repeats))];
  const answers = await chat.answers(questions.map(({ _id }) => _id));
  const byQuestion = new Map(answers.map((answer) => [String(answer.reply_to), answer]));
  return new Map(
    questions.map((question) => {
      const id = question._id.toHexString();
      return [id, { question, answer: byQuestion.get(id) }];
    }),
  );
}

/** Of the versions of one question, oldest first, the one from which the conversation continues. */
function standing(versions: readonly Exchange[], first: MessageDocument): Exchange {
  const answered = versions.findLast(({ answer }) => answer !== undefined && answer.content !== '');
  return answered ?? versions.at(-1) ?? { question: first, answer: undefined };
}
