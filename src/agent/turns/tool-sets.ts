import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectModel, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { retryTransient } from '../../platform/mongo/index.js';
import type { ModelTool } from '../../models/index.js';

/** Tools as they were described to models: the same ones are stored once, whatever runs were given them. */
@Schema({ collection: 'tool_sets', versionKey: false })
export class ToolSet {
  /** Hash of the description. */
  @Prop({ type: String })
  _id!: string;

  /** JSON of the list: its keys may be anything. */
  @Prop({ type: String, required: true })
  tools!: string;
}

/** Schema of {@link ToolSet}. */
export const ToolSetSchema = SchemaFactory.createForClass(ToolSet);

/** Remembers which tools were described to models, and how. */
@Injectable()
export class ToolSets {
  /** Sets that are stored, or about to be. */
  private readonly known = new Set<string>();

  constructor(@InjectModel(ToolSet.name) private readonly sets: Model<ToolSet>) {}

  /**
   * The name of a set. One that this process has not met is stored in the background: a run neither waits for that nor
   * fails with it.
   */
  nameOf(tools: readonly ModelTool[]): string {
    const text = JSON.stringify(tools);
    const name = hash('sha1', text, 'hex').slice(0, 16);
    if (this.known.has(name)) return name;
    this.known.add(name);
    retryTransient(() =>
      this.sets.updateOne({ _id: name }, { $setOnInsert: { tools: text } }, { upsert: true }),
    ).catch(() => this.known.delete(name)); // the next run tries again
    return name;
  }

  /** The tools of a set. `undefined` if nobody has stored it. */
  async find(name: string): Promise<ModelTool[] | undefined> {
    const stored = await this.sets.findById(name).lean();
    return stored ? (JSON.parse(stored.tools) as ModelTool[]) : undefined;
  }
}
