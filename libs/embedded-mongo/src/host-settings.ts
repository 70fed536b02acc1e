import type { EngineFiles } from './engine-files.js';

/** The exit code of a host that found another one already serving the same data. */
export const IN_USE = 3;

/** What a user's process passes to the host it starts. */
export interface HostSettings {
  readonly files: EngineFiles;
  readonly lingerMs: number;
  readonly ttlSweepMs: number;
}
