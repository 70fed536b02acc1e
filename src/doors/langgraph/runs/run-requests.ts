import { Injectable } from '@nestjs/common';
import type { ChatDocument } from '../../../chats/index.js';
import { AppError } from '../../../common/index.js';
import {
  MessagesRepository,
  MessagesService,
  type NewMessage,
  type OnBusy,
} from '../../../messages/index.js';
import { Settings } from '../../../platform/config/index.js';
import { shownStatus, type MessageDocument } from '../../../run-record/index.js';
import type { RunDto } from '../dto/run.dto.js';
import { placeOfCheckpoint } from '../threads/checkpoints.js';
import { Threads, type Person } from '../threads/threads.js';
import { questionIn, wrong } from './question.js';
import type { RequestedRun } from './requested-run.js';
import { Resumptions } from './resumptions.js';

const ON_BUSY: Readonly<Record<string, OnBusy>> = {
  enqueue: 'queue',
  reject: 'reject',
  interrupt: 'interrupt',
  rollback: 'interrupt',
};

/** Turns requests for runs into messages: new ones, asked again, or continued after a decision. */
@Injectable()
export class RunRequests {
  constructor(
    private readonly messages: MessagesService,
    private readonly repository: MessagesRepository,
    private readonly threads: Threads,
    private readonly resumptions: Resumptions,
    private readonly settings: Settings,
  ) {}

  /** Checks what can be wrong in a request whatever its thread is. @throws AppError 400, 404 `checkpoint_not_found`. */
  check(body: Partial<RunDto>): void {
    if (body.command) resumeIn(body.command);
    else if (body.input) this.question(body.input);
    checkpointIn(body);
  }

  /** @throws AppError what the parts of a request can be wrong in, and what `MessagesService.create` throws. */
  async begin(person: Person, chat: ChatDocument, body: Partial<RunDto>): Promise<RequestedRun> {
    const { command, input } = body;
    if (command) return this.resumptions.resume(person.scope, chat, resumeIn(command));
    const checkpoint = checkpointIn(body);
    const message = input
      ? await this.ask(person, chat, { body, ...placeAt(checkpoint), content: this.question(input) })
      : await this.again(person, chat, { body, checkpoint });
    await this.threads.noteAgent(person, chat, message.agent ?? '').catch(() => undefined);
    return { runId: message._id.toHexString(), agent: message.agent };
  }

  private question(input: Readonly<Record<string, unknown>>): string {
    return questionIn(input, this.settings.CONTENT_MAX_CHARS);
  }

  private ask(
    { scope }: Person,
    chat: ChatDocument,
    {
      body,
      ...message
    }: Pick<NewMessage, 'content' | 'parent_message_id' | 'edit_of'> & { body: Partial<RunDto> },
  ): Promise<MessageDocument> {
    const { assistant_id: agent, metadata, multitask_strategy: strategy } = body;
    const on_busy = ON_BUSY[strategy ?? 'enqueue'];
    return this.messages.create(scope, chat._id, { metadata: metadata ?? {}, ...message, agent, on_busy });
  }

  /** Without input: the question of the checkpoint once more, or the newest one if its run has failed. */
  private async again(
    person: Person,
    chat: ChatDocument,
    { body, checkpoint }: { body: Partial<RunDto>; checkpoint: string | undefined },
  ): Promise<MessageDocument> {
    const question = await this.questionToRepeat(person, chat, checkpoint);
    if (!isRepeated(question, checkpoint)) return question;
    const id = question._id.toHexString();
    const metadata = { ...question.metadata, ...body.metadata, retry_of: id };
    return this.ask(person, chat, { body: { ...body, metadata }, content: question.content, edit_of: id });
  }

  private async questionToRepeat(
    { scope }: Person,
    chat: ChatDocument,
    checkpoint: string | undefined,
  ): Promise<MessageDocument> {
    const place = checkpoint === undefined ? undefined : placeOfCheckpoint(checkpoint);
    if (place && place.at !== 'beginning') {
      const question = await this.messages.getQuestion(scope, place.messageId);
      if (question.chat_id === chat._id) return question;
      throw new AppError('checkpoint_not_found', { id: checkpoint ?? '' });
    }
    const newest = await this.repository.newestQuestion(scope, chat._id);
    if (!newest || place) throw wrong('input', 'must have messages: there is no question to ask again');
    return newest;
  }
}

/** The answer to an interrupt. @throws AppError 400 `validation_failed`. */
function resumeIn(command: Readonly<Record<string, unknown>>): unknown {
  const { resume, ...others } = command;
  const isMore = Object.values(others).some((value) => value !== null && value !== undefined);
  if (isMore || resume === undefined || resume === null)
    throw wrong(
      'command',
      'must have "resume" and nothing else: agents have no states that could be changed',
    );
  return resume;
}

/** A run that waits or is at work, or has answered, is what there is: nothing is asked again. */
function isRepeated(question: MessageDocument, checkpoint: string | undefined): boolean {
  if (checkpoint !== undefined && placeOfCheckpoint(checkpoint)?.at === 'question') return true;
  const status = shownStatus(question);
  return status === 'error' || status === 'cancelled';
}

/** The checkpoint that a request names. @throws AppError 400 `validation_failed`, 404 `checkpoint_not_found`. */
export function checkpointIn({
  checkpoint,
  checkpoint_id,
}: Pick<Partial<RunDto>, 'checkpoint' | 'checkpoint_id'>): string | undefined {
  const {
    checkpoint_ns,
    checkpoint_id: named,
    thread_id: _thread,
    checkpoint_map: _map,
    ...others
  } = checkpoint ?? {};
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw wrong('checkpoint', 'must be a checkpoint of the history: it has an unknown field');
  if (checkpoint_ns !== undefined && checkpoint_ns !== null && checkpoint_ns !== '')
    throw wrong('checkpoint.checkpoint_ns', 'must be empty: agents have no graphs below');
  const id = named ?? checkpoint_id ?? undefined;
  if (id === undefined) return undefined;
  if (typeof id !== 'string') throw wrong('checkpoint.checkpoint_id', 'must be a text');
  if (!placeOfCheckpoint(id)) throw new AppError('checkpoint_not_found', { id: id.slice(0, 64) });
  return id;
}

/** Where a new question stands that continues from a checkpoint. */
function placeAt(checkpoint: string | undefined): Pick<NewMessage, 'parent_message_id'> {
  const place = checkpoint === undefined ? undefined : placeOfCheckpoint(checkpoint);
  if (!place) return {};
  if (place.at === 'beginning') return { parent_message_id: null };
  if (place.at === 'answer') return { parent_message_id: place.messageId };
  throw wrong('checkpoint', 'is a question without its answer: name the state before or after them');
}
