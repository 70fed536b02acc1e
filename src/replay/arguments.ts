import { readCommandLine, UsageError } from '../platform/process/index.js';

/** The usage of the command. */
export const USAGE = `Usage: npm run replay -- LOG.jsonl --agent NAME [--model recorded|configured]

  LOG.jsonl           an export (\`npm run export -- --message ID\` or \`--chat ID\`), or the events of a run as JSON
                      array or lines (\`GET /api/messages/{id}/events\`)
  --agent NAME        the agent to try, as this deployment has it
  --message ID        which question of an export with several; default: the last
  --model recorded    the model says what it said then: does the agent still do the same with it? (default)
  --model configured  the agent's own models are asked, tools answer what they answered then
  --question TEXT     for a log of events alone, which does not have the question
  --ignore-text       only calls count, not what the model writes
  --json              the report as JSON
  --help, -h          show this help

Exit code: 0 the run is the same, 1 it departs from the log, 2 it could not be tried.
`;

/** What to replay, and how. */
export interface ReplayArguments {
  file: string;
  agent: string;
  message: string | undefined;
  model: 'recorded' | 'configured';
  question: string | undefined;
  ignoreText: boolean;
  json: boolean;
}

/** @returns nothing if help is requested. @throws UsageError with what is wrong. */
export function readReplayArguments(args: readonly string[]): ReplayArguments | undefined {
  const names = ['agent', 'message', 'model', 'question'];
  const { values, flags, positionals } = readCommandLine(args, { names, flags: ['ignore-text', 'json'] });
  if (flags.has('help')) return undefined;
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new UsageError('Name one file.');
  const { agent, message, model = 'recorded', question } = values;
  if (agent === undefined) throw new UsageError('--agent is missing.');
  if (model !== 'recorded' && model !== 'configured')
    throw new UsageError('--model must be "recorded" or "configured".');
  return {
    file,
    agent,
    message,
    model,
    question,
    ignoreText: flags.has('ignore-text'),
    json: flags.has('json'),
  };
}
