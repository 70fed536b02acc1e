import { runCommand } from './command.js';

const [name, ...args] = process.argv.slice(2);
process.exitCode = await runCommand(name, args, process);
