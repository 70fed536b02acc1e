import { Injectable } from '@nestjs/common';
import { RuntimeFacts, type LogFacts, type RunFacts } from './health/index.js';
import { RunFactsReader } from './runs/index.js';
import { LogCheck } from './streams/index.js';

/** Logs that a diagnosis looks at. */
const LOGS = 20;

/** What a diagnosis looks up in the database. */
@Injectable()
export class StoredRuntimeFacts extends RuntimeFacts {
  constructor(
    private readonly reader: RunFactsReader,
    private readonly log: LogCheck,
  ) {
    super();
  }

  override runs(): Promise<RunFacts> {
    return this.reader.open();
  }

  override async logs(): Promise<LogFacts> {
    const ids = await this.reader.endedLast(LOGS);
    const shapes = await Promise.all(ids.map((id) => this.log.shapeOf(id)));
    // A run may be deleted while it is looked at.
    const known = shapes.filter((shape) => shape !== undefined);
    return {
      checked: known.length,
      gaps: known.filter(({ events, last }) => events !== last + 1).length,
      without_end: known.filter(({ hasEnd }) => !hasEnd).length,
    };
  }
}
