import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Types } from 'mongoose';
import { AppError, type Scope } from '../common/index.js';
import type { MessageDocument, Question, RunFacet } from '../run-record/index.js';
import { Admission } from './admission.js';
import { ChatQueue, type QuestionPlace } from './chat-queue.js';
import { assertStorable, MessagesRepository } from './messages.repository.js';
import { References, type FoundReferences, type WantedReferences } from './references.js';
import { RunQueue, type AdHocWorkflow, type ChosenAgent } from './run-queue.js';

/** What happens if the chat already has a run: wait, cancel it, or reject the message. */
export const ON_BUSY = ['queue', 'interrupt', 'reject'] as const;

/** One of {@link ON_BUSY}. */
export type OnBusy = (typeof ON_BUSY)[number];

/** A message to be created. */
export interface NewMessage extends WantedReferences {
  content: string;
  /** What the application that asks adds to the agent's instructions. */
  instructions?: string | undefined;
  /** Name of an agent; default: the deployment's. */
  agent?: string | undefined;
  /** Answers if there is no agent with that name any more, or never was. */
  agentVersion?: string | undefined;
  /** Instead of an agent: several of them. */
  workflow?: AdHocWorkflow | undefined;
  /** The message continues an earlier run: its log begins with a copy, which is stored. */
  fork?: Fork | undefined;
  /** Default: `queue`. */
  on_busy?: OnBusy | undefined;
  /** The client's `Idempotency-Key`. */
  idempotencyKey?: string | undefined;
  /** The client has seen a part of the answer: the message was stored before, else it is refused. */
  isRepeated?: boolean | undefined;
  /** Through which door it came, if that door finds and counts its runs. */
  door?: RunFacet['door'];
}

/** What a message continues. */
export interface Fork {
  /** Of the new message. */
  id: Types.ObjectId;
  /** The earlier message. */
  message_id: string;
  /** Id of the last event that was kept. */
  after: string;
  /** What else is different; for recognising a repeated request. */
  change?: unknown;
}

/** A message that has no time yet. */
type Draft = Omit<MessageDocument, 'created_at' | 'run' | 'tenant_id' | 'user_id'> & {
  run: Omit<RunFacet, 'queued_at'>;
};

/** The write side: stores a message together with its run, started if a worker is ready, else announced to the queue. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly chatQueue: ChatQueue,
    private readonly references: References,
    private readonly admission: Admission,
    private readonly queue: RunQueue,
  ) {}

  /**
   * Stores a message and starts its run. The same idempotency key and body return the same message again.
   * @throws AppError `chat_not_found`, `message_not_found`, `invalid_attachments`, `unknown_agent`, `invalid_workflow`,
   * `chat_busy`, `idempotency_key_reused`, `unknown_event_id`, `chat_queue_full`, `queue_full`, `budget_exceeded`.
   */
  async create(scope: Scope, chatId: string, input: NewMessage): Promise<MessageDocument> {
    const agent = await this.chooseAgent(input);
    const draft = draftOf(chatId, input, agent);
    const earlier = await this.findEarlier(scope, draft);
    if (earlier) return this.again(earlier);
    if (input.isRepeated) throw new AppError('unknown_event_id', {});
    assertStorable(draft);
    const references = await this.references.of(scope, chatId, input);
    await this.admission.admit();
    // The place is taken last: a rejected message leaves no trace in the chat.
    const place = await this.chatQueue.enter(scope, chatId, {
      id: draft._id.toHexString(),
      exclusive: draft.run.exclusive === true,
    });
    // Files of the question that it replaces are the chat's already.
    const claims = input.attachments && input.attachments.length > 0;
    const keep = claims ? () => this.keep(agent, place, references) : agent.keep;
    const [message] = await Promise.all([
      this.store(
        scope,
        placed({ ...draft, ...references }, place, {
          ...input,
          ...(scope.origin && { origin: scope.origin }),
        }),
        { ...place, keep },
      ),
      // The order of a list is not worth failing for a message that is stored.
      this.chatQueue.raise(place).catch(() => undefined),
    ]);
    return message;
  }

  /** @throws AppError 404 `message_not_found`. */
  async get(scope: Scope, messageId: string): Promise<MessageDocument> {
    const message = await this.messages.find(scope, messageId);
    if (!message) throw new AppError('message_not_found', { id: messageId });
    return message;
  }

  /** Whether there is such a message. */
  async exists(scope: Scope, messageId: string): Promise<boolean> {
    return (await this.messages.find(scope, messageId)) !== null;
  }

  /** A message with a run: a question, not an answer. @throws AppError 404 `message_not_found`. */
  async getQuestion(scope: Scope, messageId: string): Promise<MessageDocument> {
    const message = await this.get(scope, messageId);
    if (message.role !== 'user') throw new AppError('message_not_found', { id: messageId });
    return message;
  }

  /** A repeated request: its first attempt may have died before it notified the queue. */
  private async again(message: MessageDocument): Promise<MessageDocument> {
    if (message.status === 'pending') await this.begin(message);
    return message;
  }

  private async begin({ _id, chat_id, run }: MessageDocument, ahead: readonly string[] = []): Promise<void> {
    if (run?.interrupts_at) await this.queue.interrupt(chat_id, _id.toHexString(), ahead);
    await this.queue.enqueue(chat_id);
  }

  /**
   * Stores the message: with its run started if nothing is ahead of it and a worker is ready, else pending.
   * @returns the message, or that of an identical request that was faster.
   */
  private async store(
    scope: Scope,
    message: Question,
    place: QuestionPlace & Pick<ChosenAgent, 'keep'>,
  ): Promise<MessageDocument> {
    let stored: MessageDocument | undefined;
    try {
      stored = await this.admission.count(message, () => this.insert(message, place));
    } catch (error) {
      await this.chatQueue.withdraw(place.chat, message).catch(() => undefined);
      throw error;
    }
    if (stored) return stored;
    await this.chatQueue.withdraw(place.chat, message);
    const earlier = await this.findEarlier(scope, message);
    if (earlier) return this.again(earlier);
    throw new AppError('chat_busy');
  }

  /** @returns nothing if another message has a key of it. */
  private async insert(
    message: Question,
    { chat, ahead, keep }: QuestionPlace & Pick<ChosenAgent, 'keep'>,
  ): Promise<MessageDocument | undefined> {
    // A run that starts here at once must have an empty log.
    const canStart = ahead.length === 0 && message.run.forked_from === undefined;
    const worker = canStart ? this.queue.ready() : undefined;
    const begun = worker?.claim(message);
    try {
      if (keep) await keep();
      if (worker && begun && (await this.messages.insert(begun))) {
        worker.start(begun, chat.asked);
        return begun;
      }
    } catch (error) {
      worker?.release();
      throw error;
    }
    worker?.release();
    if (!(await this.messages.insert(message))) return undefined;
    await this.begin(message, ahead);
    return message;
  }

  private async keep(agent: ChosenAgent, { chat }: QuestionPlace, found: FoundReferences): Promise<void> {
    await agent.keep?.();
    await this.references.claim(chat, found);
  }

  private async chooseAgent({ agent: name, agentVersion, workflow }: NewMessage): Promise<ChosenAgent> {
    const earlier = async () => agentVersion && (await this.queue.agentOfVersion(agentVersion));
    const agent = this.queue.agent(name) ?? (await earlier());
    if (!agent) throw new AppError('unknown_agent', { agent: name ?? '' });
    return workflow === undefined ? agent : this.queue.adHocAgent(workflow);
  }

  /** The message created earlier with the same key. @throws AppError 422 if it had a different body. */
  private async findEarlier(
    scope: Scope,
    { chat_id, idempotency }: Draft | MessageDocument,
  ): Promise<MessageDocument | undefined> {
    if (!idempotency) return undefined;
    const earlier = await this.messages.findByKey(scope, chat_id, idempotency.key);
    if (earlier && earlier.idempotency?.fingerprint !== idempotency.fingerprint)
      throw new AppError('idempotency_key_reused');
    return earlier ?? undefined;
  }
}

function draftOf(chat_id: string, input: NewMessage, agent: ChosenAgent): Draft {
  return {
    _id: input.fork?.id ?? new Types.ObjectId(),
    chat_id,
    role: 'user',
    content: input.content,
    status: 'pending',
    metadata: input.metadata ?? {},
    ...(input.instructions !== undefined && { instructions: input.instructions }),
    agent: agent.name,
    run: {
      open: true,
      attempt: 0,
      handovers: 0,
      cancel_requested: false,
      agent_version: agent.version,
      ...(input.door && { door: input.door }),
      ...(input.fork && { forked_from: { message_id: input.fork.message_id, event_id: input.fork.after } }),
      ...(input.on_busy === 'reject' && { exclusive: true }),
    },
    ...(input.idempotencyKey !== undefined && {
      idempotency: { key: input.idempotencyKey, fingerprint: fingerprint(input) },
    }),
  };
}

function placed(
  draft: Draft,
  { chat, at }: QuestionPlace,
  { on_busy, origin }: NewMessage & Pick<Scope, 'origin'>,
): Question {
  const { tenant_id, user_id, instructions, model } = chat;
  const run = {
    ...draft.run,
    queued_at: at,
    ...(on_busy === 'interrupt' && { interrupts_at: at }),
    ...(origin && { origin }),
    ...((instructions !== undefined || model !== undefined) && {
      chosen: { ...(instructions !== undefined && { instructions }), ...(model !== undefined && { model }) },
    }),
  };
  return { ...draft, tenant_id, user_id, created_at: at, run };
}

function fingerprint(message: NewMessage): string {
  const { content, metadata, agent, on_busy, workflow, fork, parent_message_id, edit_of, instructions } =
    message;
  const files = message.attachments?.map(({ file_id }) => file_id.toLowerCase());
  // What a request does not have leaves its fingerprint as it was before there was such a thing.
  const isPlaced = parent_message_id !== undefined || typeof edit_of === 'string';
  const more = [
    ...(workflow ? [workflow] : []),
    ...(fork ? [fork.message_id, fork.after, fork.change] : []),
    ...(isPlaced ? [{ parent_message_id, edit_of }] : []),
    ...(files ? [{ files }] : []),
    ...(instructions === undefined ? [] : [{ instructions }]),
  ];
  return createHash('sha256')
    .update(JSON.stringify([content, metadata, agent, on_busy, ...more]))
    .digest('hex');
}
