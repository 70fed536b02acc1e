import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Agent, AgentRegistry, TurnLog, UsageSum, type AgentRun } from '../agent/index.js';
import { DEFAULT_TENANT } from '../common/index.js';
import { CoreModule } from '../core.module.js';
import { loadSettings, type Settings } from '../platform/config/index.js';
import { openMongo } from '../platform/mongo/index.js';
import { readReplayArguments, USAGE, type ReplayArguments } from './arguments.js';
import { compareEndings, compareOutcomes, compareTurns, type Report } from './comparison.js';
import { printed } from './print.js';
import { readRecording, RecordingError, type Recording } from './recording.js';
import { MemorySink, StandIns } from './stand-ins.js';
import { turnsOf } from './turns.js';

const ANYWHERE = { strict: false };

/** What the command needs from its process. */
export interface CommandIo {
  env: Readonly<Record<string, string | undefined>>;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
}

/** Runs an agent against a recorded run. @returns the exit code: 0 the same, 1 it departs, 2 it could not be tried. */
export async function runReplay(args: readonly string[], io: CommandIo): Promise<number> {
  let given: ReplayArguments | undefined;
  try {
    given = readReplayArguments(args);
  } catch (error) {
    io.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (!given) {
    io.stdout.write(USAGE);
    return 0;
  }
  try {
    const report = await replay(given, loadSettings(io.env));
    io.stdout.write(given.json ? `${JSON.stringify(report, null, 2)}\n` : printed(report));
    return report.same ? 0 : 1;
  } catch (error) {
    io.stderr.write(`The replay failed: ${(error as Error).message}\n`);
    return 2;
  }
}

async function replay(given: ReplayArguments, settings: Settings): Promise<Report> {
  const recording = await readRecording(given.file, given.message);
  const question = given.question ?? recording.question;
  if (question === undefined && given.model === 'configured')
    throw new RecordingError(
      'The log does not have the question: name it with --question, or use an export.',
    );
  return withServices(settings, (services) =>
    tryAgent(services, { given, recording, question: question ?? '' }),
  );
}

interface Trial {
  given: ReplayArguments;
  recording: Recording;
  question: string;
}

async function tryAgent(
  services: INestApplicationContext,
  { given, recording, question }: Trial,
): Promise<Report> {
  const registry = services.get(AgentRegistry, ANYWHERE);
  const definition = registry.find(given.agent);
  if (!definition) {
    const names = registry.list().map(({ name }) => name);
    throw new RecordingError(`There is no agent named "${given.agent}". Available: ${names.join(', ')}.`);
  }
  const recorded = turnsOf(recording);
  const standIns = new StandIns(recording, recorded, given.model === 'configured');
  const sink = new MemorySink();
  const run = runOf(given.agent, question, { recording, standIns });
  const outcome = await services.get(Agent, ANYWHERE).run({ ...run, sink });
  const turns = compareTurns({ recorded, heard: standIns.heard, ignoreText: given.ignoreText });
  const ending = compareEndings(recording.events, outcome);
  const outcomes = given.model === 'recorded' ? compareOutcomes(recording.calls, sink.bodies) : [];
  const not_recorded = standIns.unanswered;
  const start = recording.events.find((event) => event.type === 'start');
  return {
    same: turns.every(({ same }) => same) && ending === null && outcomes.length + not_recorded.length === 0,
    agent: given.agent,
    recorded_version: start?.agent_version ?? null,
    version: definition.version,
    turns,
    ending,
    outcomes,
    not_recorded,
  };
}

function runOf(
  agent: string,
  content: string,
  { recording, standIns }: { recording: Recording; standIns: StandIns },
): Omit<AgentRun, 'sink'> {
  return {
    tenant: DEFAULT_TENANT,
    chat_id: randomUUID(),
    message_id: randomBytes(12).toString('hex'),
    agent,
    content,
    metadata: {},
    history: recording.history,
    prior: [],
    recorded: [],
    substitutes: standIns,
    usage: new UsageSum(),
    turns: new TurnLog(),
    signal: new AbortController().signal,
  };
}

/** The services with a database of their own, which is removed: a replay leaves nothing behind. */
async function withServices<T>(
  settings: Settings,
  work: (services: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'reprise-replay-'));
  const own: Settings = {
    ...settings,
    ROLE: 'api',
    REDIS_URL: undefined,
    MONGODB_URI: undefined,
    DATA_DIR: folder,
  };
  try {
    const mongo = await openMongo(own);
    try {
      @Module({ imports: [CoreModule.with(own, mongo.uri)] })
      class ReplayModule {}
      const services = await NestFactory.createApplicationContext(ReplayModule, {
        logger: false,
        abortOnError: false,
      });
      try {
        return await work(services);
      } finally {
        await services.close();
      }
    } finally {
      await mongo.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
