import { Injectable } from '@nestjs/common';
import { ExternalChats } from '../../chats/index.js';
import type { Scope } from '../../common/index.js';
import { MessagesRepository, MessagesService } from '../../messages/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import { RunsService } from '../../runs/index.js';
import { UiHistory } from './ui-history.js';
import type { UiMessage } from './ui-message.js';

/** Chats by the ids that the SDK's clients give them. A chat that does not exist yet has no messages and no runs. */
@Injectable()
export class AiSdkChats {
  constructor(
    private readonly chats: ExternalChats,
    private readonly repository: MessagesRepository,
    private readonly questions: MessagesService,
    private readonly runs: RunsService,
    private readonly history: UiHistory,
  ) {}

  /** The newest question whose run has not ended; a client that has seen the end of a run finds it ended. */
  async running(scope: Scope, person: string, key: string): Promise<MessageDocument | undefined> {
    const chat = await this.chats.find(scope, person, key);
    const newest = chat && (await this.repository.openInChat(scope, chat._id)).at(-1);
    const question = newest && (await this.questions.getQuestion(scope, newest.id));
    return question?.status === 'pending' || question?.status === 'processing' ? question : undefined;
  }

  /** Asks the runs of a chat to stop. @returns the ids of their messages. */
  async stop(scope: Scope, person: string, key: string): Promise<string[]> {
    const chat = await this.chats.find(scope, person, key);
    return chat ? this.runs.cancelAll(scope, chat._id) : [];
  }

  /** See {@link UiHistory}. */
  async messages(
    scope: Scope,
    person: string,
    { key, limit }: { key: string; limit: number },
  ): Promise<UiMessage[]> {
    const chat = await this.chats.find(scope, person, key);
    return chat ? this.history.newest(scope, chat._id, limit) : [];
  }
}
