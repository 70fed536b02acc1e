import { z } from 'zod';
import type { ModelTool } from '../../models/index.js';
import { TASK_TOOL } from '../catalogue/definition.js';

const task = z.string().trim().min(1).max(100_000);

/** The arguments of the tool `task`. */
export const taskParameters = () => parameters;

const parameters = z.object({
  agent: z.string().min(1).max(64).describe('Name of the agent'),
  task: task.describe('Everything that the agent needs to know: it does not see this conversation'),
});

/** The tool with which an agent starts others, as described to its model. */
export function taskTool(agents: readonly { name: string; description: string }[]): ModelTool {
  const lines = agents.map(({ name, description }) => `- ${name}: ${description}`);
  return {
    name: TASK_TOOL,
    description: `Gives a task to another agent and returns its answer. Several calls in one turn run side by side.\n${lines.join('\n')}`,
    parameters: {
      type: 'object',
      properties: {
        agent: { type: 'string', enum: agents.map(({ name }) => name) },
        task: {
          type: 'string',
          description: 'Everything that the agent needs to know: it does not see this conversation',
        },
      },
      required: ['agent', 'task'],
    },
  };
}
