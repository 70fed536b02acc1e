import { Injectable } from '@nestjs/common';
import type { TenantId } from '../common/index.js';
import type { MessageDocument } from './message.schema.js';
import { MessagesRepository } from './messages.repository.js';
import { Versions } from './versions.js';

/** A question and, once its run has ended, the answer. */
export interface Exchange {
  question: MessageDocument;
  answer: MessageDocument | undefined;
}

/** What was said before a message. */
@Injectable()
export class Conversation {
  constructor(private readonly messages: MessagesRepository) {}

  /**
   * The exchanges before a message, oldest first: at most `limit`. A question that was asked again counts once, at its
   * first place, in its newest version that was answered before the message, or else its newest. Before a retry
   * stands what stands before the question that it asks again.
   */
  async before(tenant: TenantId, message: MessageDocument, limit: number): Promise<Exchange[]> {
    const versions = await this.versions(tenant, message.chat_id);
    const place = { ...versions.firstOf(message), chat_id: message.chat_id };
    const without = versions.repeated;
    const firsts = (await this.messages.before(tenant, place, { limit, without })).reverse();
    const repeats = new Map(
      firsts.map((first) => [first, versions.repeatsBefore(first, message).map((id) => id.toHexString())]),
    );
    const exchanges = await this.exchanges(tenant, firsts, [...repeats.values()].flat());
    return firsts.map((first) => {
      const ids = [first._id.toHexString(), ...(repeats.get(first) ?? [])];
      return standing(
        ids.flatMap((id) => exchanges.get(id) ?? []),
        first,
      );
    });
  }

  private async versions(tenant: TenantId, chatId: string): Promise<Versions> {
    const retries = await this.messages.retries(tenant, chatId);
    const named = retries.map(({ retry_of }) => retry_of);
    return new Versions(retries, await this.messages.questions(tenant, chatId, named));
  }

  /** Questions and further ones, named by their ids, with their answers. */
  private async exchanges(
    tenant: TenantId,
    firsts: readonly MessageDocument[],
    repeats: readonly string[],
  ): Promise<Map<string, Exchange>> {
    const chatId = firsts[0]?.chat_id ?? '';
    const questions = [...firsts, ...(await this.messages.questions(tenant, chatId, repeats))];
    const ids = questions.map(({ _id }) => _id);
    const answers = await this.messages.answers(tenant, ids);
    const byQuestion = new Map(answers.map((answer) => [String(answer.reply_to), answer]));
    return new Map(
      questions.map((question) => {
        const id = question._id.toHexString();
        return [id, { question, answer: byQuestion.get(id) }];
      }),
    );
  }
}

/** Of the versions of one question, oldest first, the one that the conversation goes on from. */
function standing(versions: readonly Exchange[], first: MessageDocument): Exchange {
  const answered = versions.findLast(({ answer }) => answer !== undefined && answer.content !== '');
  return answered ?? versions.at(-1) ?? { question: first, answer: undefined };
}
