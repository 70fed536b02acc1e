import { Injectable } from '@nestjs/common';
import type { Types } from 'mongoose';
import type { Scope } from '../common/index.js';
import type { HeldRun, MessageDocument } from '../run-record/index.js';
import type { ChatRecord } from './chat-record.js';
import { ConversationReader } from './conversation-reader.js';
import { Path } from './path.js';
import { inOrder, rootOf, type Place } from './versions.js';

/** A question and, once its run has ended, the answer. */
export interface Exchange {
  question: MessageDocument;
  answer: MessageDocument | undefined;
  /** The first question in its place of the conversation, if that is known. */
  place?: Types.ObjectId;
}

/** A place on the way back through a conversation. */
export interface PlaceBefore {
  /** Id of the first question there. */
  place: string;
  /** A message that interrupts has overtaken it: it is yet to be answered. */
  isPending: boolean;
}

/** How far back a summary is looked for that is not there where it should be. */
const SEARCHED_PLACES = 400;

/** What was said before a run's question. */
@Injectable()
export class Conversation {
  constructor(private readonly reader: ConversationReader) {}

  /**
   * The exchanges before a run's question on its branch, oldest first: at most `limit`. A question that has no answer
   * counts in the newest of its versions with the same words that was answered before.
   */
  async before(run: HeldRun, limit: number, asked?: number): Promise<Exchange[]> {
    if (asked === 1) return [];
    const chat = await this.reader.open(run, asked);
    const path = await Path.in(chat);
    return exchangesOf(chat, { path, firsts: await questionsBefore(path, run, limit), run });
  }

  /** The places before a run's question on its branch, newest first, read piece by piece. */
  async *placesBefore(run: HeldRun): AsyncGenerator<PlaceBefore> {
    const path = await Path.in(await this.reader.open(run));
    for (let at = await path.before(run); at; at = await path.before(at))
      yield { place: at._id.toHexString(), isPending: at.status === 'pending' };
  }

  /** The exchanges in some of those places, oldest first. */
  async at(run: HeldRun, places: readonly string[]): Promise<Exchange[]> {
    const chat = await this.reader.open(run);
    const path = await Path.in(chat);
    const firsts = (await chat.questions(places)).sort(inOrder);
    return exchangesOf(chat, { path, firsts, run });
  }

  /**
   * The newest exchanges of a chat, oldest first, on the branch of its newest question, which is the last one even if it
   * has no answer yet.
   */
  async current(scope: Scope, chatId: string, limit: number): Promise<Exchange[]> {
    const newest = await this.reader.newestQuestion(scope, chatId);
    if (!newest) return [];
    const chat = await this.reader.open(newest);
    const path = await Path.in(chat);
    const firsts: MessageDocument[] = [];
    for (let at = await path.before(newest); at && firsts.length < limit - 1; at = await path.before(at))
      firsts.unshift(at);
    const [answer] = await chat.answers([newest._id]);
    return [...(await exchangesOf(chat, { path, firsts, run: newest })), { question: newest, answer }];
  }

  /** The first of some places on the way back from a run's question, if it is not too far. */
  async nearest(run: HeldRun, places: ReadonlySet<string>): Promise<string | undefined> {
    if (places.size === 0) return undefined;
    let passed = 0;
    for await (const { place } of this.placesBefore(run)) {
      if (places.has(place)) return place;
      if (++passed >= SEARCHED_PLACES) return undefined;
    }
    return undefined;
  }
}

/** What was said in some places before a run. */
async function exchangesOf(
  chat: ChatRecord,
  { path, firsts, run }: { path: Path; firsts: readonly MessageDocument[]; run: Place },
): Promise<Exchange[]> {
  const repeats = new Map(
    firsts.map((first) => [first, path.versions.repeatsBefore(first, run).map((id) => id.toHexString())]),
  );
  const exchanges = await exchangesIn(chat, firsts, [...repeats.values()].flat());
  const standing = firsts.map((first) => {
    const ids = [first._id.toHexString(), ...(repeats.get(first) ?? [])];
    return lastAnswered(
      ids.flatMap((id) => exchanges.get(id) ?? []),
      first,
    );
  });
  const answered = await withAnsweredVersions(chat, standing, run);
  return answered.map((exchange, index) => ({ ...exchange, ...placeOf(firsts[index]) }));
}

const placeOf = (first: MessageDocument | undefined): Pick<Exchange, 'place'> =>
  first ? { place: first._id } : {};

/** A pending question was overtaken by a message that interrupts: it is yet to be answered. */
async function questionsBefore(path: Path, run: HeldRun, limit: number): Promise<MessageDocument[]> {
  const questions: MessageDocument[] = [];
  for (let at = await path.before(run); at && questions.length < limit; at = await path.before(at))
    if (at.status !== 'pending') questions.unshift(at);
  return questions;
}

/** A retry that failed does not take away the answer that its reader has. */
async function withAnsweredVersions(
  chat: ChatRecord,
  exchanges: readonly Exchange[],
  run: Place,
): Promise<Exchange[]> {
  const without = exchanges.filter((exchange) => !isAnswered(exchange));
  if (without.length === 0) return [...exchanges];
  const versions = await chat.versions(without.map(({ question }) => rootOf(question)));
  const others = versions.filter((one) => inOrder(one, run) < 0);
  const found = [...(await exchangesIn(chat, others, [])).values()].filter(isAnswered);
  return exchanges.map((exchange) => {
    if (isAnswered(exchange)) return exchange;
    const { question } = exchange;
    const isSame = (other: MessageDocument): boolean =>
      rootOf(other).equals(rootOf(question)) && other.content === question.content;
    return found.findLast((other) => isSame(other.question)) ?? exchange;
  });
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
function lastAnswered(versions: readonly Exchange[], first: MessageDocument): Exchange {
  return versions.findLast(isAnswered) ?? versions.at(-1) ?? { question: first, answer: undefined };
}

function isAnswered({ answer }: Exchange): boolean {
  return answer !== undefined && answer.content !== '';
}
