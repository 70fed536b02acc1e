import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { MESSAGE_EVENT, type MessageEventDocument } from './message-event.schema.js';

/** One log as it is stored. */
export interface LogShape {
  events: number;
  /** The `seq` of its last event. */
  last: number;
  /** Whether that is `end`. */
  hasEnd: boolean;
}

/** Looks at stored logs, without reading what is in them. */
@Injectable()
export class LogCheck {
  private readonly events: mongo.Collection<MessageEventDocument>;

  constructor(@InjectModel(MESSAGE_EVENT) model: Model<MessageEventDocument>) {
    this.events = model.collection as unknown as mongo.Collection<MessageEventDocument>;
  }

  /** The log of a message; nothing if there is none. */
  async shapeOf(messageId: string): Promise<LogShape | undefined> {
    const m = new Types.ObjectId(messageId);
    const range = { _id: { $gte: { m, s: 0 }, $lte: { m, s: Number.MAX_SAFE_INTEGER } } };
    const [events, newest] = await Promise.all([
      this.events.countDocuments(range),
      this.events.findOne(range, { sort: { _id: -1 }, projection: { type: 1 } }),
    ]);
    return newest ? { events, last: newest._id.s, hasEnd: newest.type === 'end' } : undefined;
  }
}
