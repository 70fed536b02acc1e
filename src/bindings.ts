import { Injectable, Optional } from '@nestjs/common';
import { ModelCatalogue, type ChatModel } from './models/index.js';
import { McpServers } from './mcp/index.js';
import { covers, type Scope, type TenantId } from './common/index.js';
import { Budgets, type Owner } from './budgets/index.js';
import { MessageBudget, MessagesRepository, MessagesService } from './messages/index.js';
import { AgentRegistry } from './agent/index.js';
import { MessageCounter, ModelChoice } from './chats/index.js';
import { CorpusReader, SemanticSearch } from './documents/index.js';
import { Corpus, type CorpusDocument, type CorpusQuery, type Passage } from './tools/index.js';
import { RuntimeStats, type ModelState, type RuntimeSnapshot } from './health/index.js';
import { RedisPubSub } from './platform/redis/index.js';
import { LeaseKeeper, ParkedRuns, RunFollowUp, RunStore, type ClosedRun } from './runs/index.js';
import type { HeldRun, Question } from './run-record/index.js';
import { Summariser } from './summaries/index.js';
import { ChatTitler } from './titles/index.js';
import { MessageLookup, StreamTransport, type LookedUpMessage } from './streams/index.js';

/** What streams need to know about messages. */
@Injectable()
export class StoredMessageLookup extends MessageLookup {
  constructor(
    private readonly messages: MessagesService,
    private readonly leases: LeaseKeeper,
  ) {
    super();
  }

  override async find(scope: Scope, messageId: string): Promise<LookedUpMessage> {
    // Most streams are opened while the run is worked on, by the process that does.
    const held = this.leases.find(messageId);
    if (held?.tenant_id === scope.tenant && held.user_id !== undefined && covers(scope, held.user_id))
      return { chat_id: held.chat_id, agent: held.agent, expired: false };
    const { chat_id, agent, run } = await this.messages.getQuestion(scope, messageId);
    return { chat_id, agent, expired: run?.events_expired !== undefined, ended_at: run?.ended_at };
  }
}

/** What chats need to know about messages. */
@Injectable()
export class StoredMessageCounter extends MessageCounter {
  constructor(private readonly messages: MessagesRepository) {
    super();
  }

  override count(tenant: TenantId, chatIds: readonly string[]): Promise<Map<string, number>> {
    return this.messages.countByChat(tenant, chatIds);
  }
}

/** The models that a chat can choose: those that an agent may ask. */
@Injectable()
export class ModelsOfAgents extends ModelChoice {
  constructor(private readonly agents: AgentRegistry) {
    super();
  }

  override get names(): readonly string[] {
    return this.agents.models;
  }
}

/** What the user of a message may still ask for. */
@Injectable()
export class BudgetOfUser extends MessageBudget {
  constructor(private readonly budgets: Budgets) {
    super();
  }

  override async admit(message: Question): Promise<void> {
    if (this.budgets.exist) await this.budgets.admit(ownerOf(message));
  }

  override async giveBack(message: Question): Promise<void> {
    if (this.budgets.exist) await this.budgets.giveBack(ownerOf(message));
  }
}

const ownerOf = ({ tenant_id, user_id = '' }: Question): Owner => ({
  tenant: tenant_id as TenantId,
  user: user_id,
});

/** The documents that tools read. */
@Injectable()
export class StoredCorpus extends Corpus {
  constructor(private readonly documents: CorpusReader) {
    super();
  }

  override search(tenant: TenantId, query: CorpusQuery): Promise<Passage[]> {
    return this.documents.search(tenant, query);
  }

  override read(
    tenant: TenantId,
    idOrTitle: string,
    tender_id?: string,
  ): Promise<CorpusDocument | undefined> {
    return this.documents.read(tenant, idOrTitle, tender_id);
  }
}

/** What follows after each run. */
@Injectable()
export class FollowUps extends RunFollowUp {
  constructor(
    private readonly titler: ChatTitler,
    private readonly summariser: Summariser,
    private readonly budgets: Budgets,
  ) {
    super();
  }

  override closed(run: HeldRun, closed: ClosedRun): void {
    this.titler.closed(run, closed);
    this.summariser.closed(run, closed);
    void this.budgets.spend(ownerOf(run), {
      tokens: closed.usage.total_tokens,
      cost: closed.cost?.amount,
    });
  }
}

/** What this process depends on, beside its database. */
@Injectable()
export class Peers {
  constructor(
    private readonly models: ModelCatalogue,
    private readonly mcp: McpServers,
    private readonly semantic: SemanticSearch,
    @Optional() private readonly redis?: RedisPubSub,
  ) {}

  async snapshot(): Promise<Pick<RuntimeSnapshot, 'model' | 'redis' | 'mcp' | 'embeddings'>> {
    return {
      model: await this.model(),
      mcp: this.mcp.state,
      embeddings: this.semantic.state,
      ...(this.redis && { redis: this.redis.state }),
    };
  }

  /** The model that answers by default, and every model that some agent may ask. */
  private async model(): Promise<RuntimeSnapshot['model']> {
    const { name } = this.models.default;
    const models = await Promise.all(this.models.all.map(stateOf));
    const ok = models.every((model) => model.ok && model.circuit !== 'open');
    return { ok, name, detail: models[0]?.detail ?? '', models };
  }
}

async function stateOf(model: ChatModel): Promise<ModelState> {
  return {
    model: model.ref,
    ...(await model.check()),
    ...(model.circuit && { circuit: model.circuit.state }),
  };
}

/** What health needs to know about runs, streams and what they depend on. */
@Injectable()
export class LiveRuntimeStats extends RuntimeStats {
  constructor(
    private readonly runs: RunStore,
    private readonly leases: LeaseKeeper,
    private readonly streams: StreamTransport,
    private readonly parked: ParkedRuns,
    private readonly connected: Peers,
  ) {
    super();
  }

  override async snapshot(): Promise<RuntimeSnapshot> {
    const [queue_depth, waiting_runs, peers] = await Promise.all([
      this.runs.countPending(),
      this.parked.count(),
      this.peers(),
    ]);
    return {
      queue_depth,
      waiting_runs,
      active_runs: this.activeRuns,
      active_streams: this.activeStreams,
      ...peers,
    };
  }

  override peers(): ReturnType<Peers['snapshot']> {
    return this.connected.snapshot();
  }

  override get activeRuns(): number {
    return this.leases.count;
  }

  override get activeStreams(): number {
    return this.streams.active;
  }
}
