export { readCommandLine, UsageError, type CommandLine } from './command-line.js';
export { isStartedByNpm, watchParent } from './parent-watch.js';
export { packageVersion } from './package-version.js';
