import { runReplay } from './command.js';

process.exitCode = await runReplay(process.argv.slice(2), process);
