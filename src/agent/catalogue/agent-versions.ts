import { Injectable } from '@nestjs/common';
import { InjectModel, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Clock } from '../../common/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import type { AgentDefinition } from './definition.js';

/** One version of an agent: what answered the runs that name it. */
@Schema({ collection: 'agent_versions', versionKey: false })
export class AgentVersion {
  /** Hash of the definition. */
  @Prop({ type: String })
  _id!: string;

  @Prop({ type: String, required: true })
  name!: string;

  /** JSON of the definition: its keys may be anything. */
  @Prop({ type: String, required: true })
  definition!: string;

  @Prop({ type: Date, required: true })
  first_seen_at!: Date;
}

/** Schema of {@link AgentVersion}. */
export const AgentVersionSchema = SchemaFactory.createForClass(AgentVersion);

/** Remembers every definition that a run was given, each once. */
@Injectable()
export class AgentVersions {
  private readonly known = new Map<string, AgentDefinition>();

  constructor(
    @InjectModel(AgentVersion.name) private readonly versions: Model<AgentVersion>,
    private readonly clock: Clock,
  ) {}

  /** Stores a definition. Can be repeated. */
  async remember(agent: AgentDefinition): Promise<void> {
    if (this.known.has(agent.version)) return;
    await this.store(agent);
    this.known.set(agent.version, agent);
  }

  private async store(agent: AgentDefinition): Promise<void> {
    const { name, version } = agent;
    const $setOnInsert = {
      name,
      definition: JSON.stringify(agent),
      first_seen_at: new Date(this.clock.now()),
    };
    await retryTransient(() => this.versions.updateOne({ _id: version }, { $setOnInsert }, { upsert: true }));
  }

  /** The same in the background: a run neither waits for it nor fails with it. */
  rememberSoon(agent: AgentDefinition): void {
    if (this.known.has(agent.version)) return;
    this.known.set(agent.version, agent);
    this.store(agent).catch(() => this.known.delete(agent.version)); // the next run tries again
  }

  /** A definition by its version. `undefined` if this deployment has never had it. */
  async find(version: string): Promise<AgentDefinition | undefined> {
    const known = this.known.get(version);
    if (known) return known;
    const stored = await retryTransient(() => this.versions.findById(version).lean());
    if (!stored) return undefined;
    const agent = JSON.parse(stored.definition) as AgentDefinition;
    this.known.set(version, agent);
    return agent;
  }
}
