import { AppError } from '../../common/index.js';
import type { Dialect } from './dialect.js';
import { v1 } from './v1.js';

/** The dialects in which a log can be read; `app.module.ts` lists them. */
export class DialectRegistry {
  private readonly dialects: ReadonlyMap<string, Dialect>;

  constructor(dialects: readonly Dialect[]) {
    this.dialects = new Map(dialects.map((dialect) => [dialect.name, dialect]));
  }

  get names(): string[] {
    return [...this.dialects.keys()];
  }

  /**
   * The dialect that a query requests; `v1` if it requests none.
   * @throws AppError 400 `unknown_dialect`.
   */
  require(name: unknown): Dialect {
    const dialect = name === undefined ? v1 : this.dialects.get(typeof name === 'string' ? name : '');
    if (dialect) return dialect;
    throw new AppError('unknown_dialect', { names: this.names });
  }
}
