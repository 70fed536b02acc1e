import type { AgentDefinition } from './definition.js';

/** What a chat says about those who answer in it. */
export interface Chosen {
  /** The user's; they come after the agent's own. */
  instructions?: string | undefined;
  /** `provider:model`, asked instead of the agent's own. */
  model?: string | undefined;
}

/**
 * The agent of a run, as the run's chat wants it. A workflow and a remote agent stay what they are: their steps have
 * instructions of their own, and the service of a remote agent cannot be given any.
 */
export function withChosen(agent: AgentDefinition, chosen: Chosen | undefined): AgentDefinition {
  if (chosen === undefined || agent.kind !== 'model') return agent;
  const { instructions, model } = chosen;
  return {
    ...agent,
    ...(instructions !== undefined && {
      instructions: `${agent.instructions}\n\n${HEADING}\n${instructions}`,
    }),
    ...(model !== undefined && { models: [model] }),
  };
}

/** Where the operator's instructions end. */
const HEADING = 'Instructions of the user for this conversation:';
