import { cleanSources, type ToolSource } from '../../tools/index.js';

/** Sources that one run names. */
const SOURCES_MAX = 100;

/** What the answer of a run may be based on: the sources of its tool calls that succeeded, each once, in order. */
export class RunSources {
  private sources: readonly ToolSource[] = [];

  /** The sources so far. */
  get list(): readonly ToolSource[] {
    return this.sources;
  }

  add(sources: readonly ToolSource[] | undefined): void {
    if (sources && sources.length > 0)
      this.sources = cleanSources([...this.sources, ...sources], SOURCES_MAX);
  }
}
