import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setStage, type Stage } from '../../conformance/setup.js';

const AGENTS = `
agents:
  - { name: alpha, kind: model, description: First., instructions: You are alpha., tools: [] }
  - { name: beta, kind: model, description: Second., instructions: You are beta., tools: [] }
  - { name: writer, kind: model, description: Writes., instructions: You are writer., tools: [write_file], approvals: [write_file] }
  - { name: boss, kind: model, description: Directs., instructions: You are boss., tools: [] }
  - { name: review, kind: workflow, description: Both., strategy: sequential, agents: [alpha, beta] }
`;

/** A stage with a few agents. */
export async function setAgents(env: Record<string, string> = {}): Promise<Stage> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'reprise-agents-'));
  const file = path.join(folder, 'agents.yaml');
  await writeFile(file, AGENTS);
  const stage = await setStage({ AGENTS_FILE: file, MODEL_RETRIES: '0', ...env });
  const close = async (): Promise<void> => {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...stage, close };
}

/** Runs that were ever begun in a deployment with one user. */
export async function runsOf(stage: Stage, user = 'default'): Promise<string[]> {
  const { items } = (await stage.client.get(`/api/users/${user}/chats?page_size=100`)).body;
  const messages = await Promise.all(
    (items as { chat_id: string }[]).map(({ chat_id }) => stage.client.history(chat_id)),
  );
  return messages.flat().flatMap(({ role, message_id }) => (role === 'user' ? [String(message_id)] : []));
}
