import type { ModelMessage } from '../../models/index.js';
import type { AgentSpec } from '../catalogue/definition.js';

/**
 * The instructions of an agent, if it takes any, and what the application that asks adds to them. The agent's own come
 * first: they are the deployment's.
 */
export function instructionsOf(agent: AgentSpec | undefined, added: string | undefined): ModelMessage[] {
  if (agent?.kind !== 'model') return [];
  const content = added === undefined ? agent.instructions : `${agent.instructions}\n\n${ADDED}\n${added}`;
  return [{ role: 'system', content }];
}

const ADDED = 'The application through which the user writes adds:';
