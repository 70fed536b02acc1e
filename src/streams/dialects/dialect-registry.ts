import { Injectable } from '@nestjs/common';
import type { Dialect } from './dialect.js';
import { v1, v1Unnamed } from './v1.js';

/** The dialects that streams can be read in. */
@Injectable()
export class DialectRegistry {
  private readonly dialects = new Map<string, Dialect>();

  constructor() {
    for (const dialect of [v1, v1Unnamed]) this.register(dialect);
  }

  register(dialect: Dialect): void {
    this.dialects.set(dialect.name, dialect);
  }

  /** The dialect of that name. */
  find(name: string): Dialect | undefined {
    return this.dialects.get(name);
  }

  get names(): string[] {
    return [...this.dialects.keys()];
  }
}
