import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Tool, type ToolContext, type ToolResult } from '../tool.js';

const planParameters = z.object({
  items: z
    .array(
      z.object({
        id: z.string().min(1).max(64).describe('Stable id of the item, for example "todo-1"'),
        text: z.string().min(1).max(500).describe('What to do, in one short sentence'),
        status: z.enum(['pending', 'in_progress', 'completed']),
      }),
    )
    .min(1)
    .max(50)
    .refine((items) => new Set(items.map((item) => item.id)).size === items.length, 'ids must be unique')
    .describe('The whole list, every time: it replaces the previous one'),
});

/** With this the agent shows the user what it is going to do. */
@Injectable()
export class PlanTools {
  @Tool({
    name: 'update_plan',
    description:
      'Shows the user your to-do list. Call it before work with more than one step, and again whenever a step starts or ends. Always send the whole list.',
    parameters: planParameters,
    idempotent: true,
  })
  async updatePlan({ items }: z.output<typeof planParameters>, context: ToolContext): Promise<ToolResult> {
    await context.emit({ type: 'plan', items });
    const done = items.filter((item) => item.status === 'completed').length;
    return { text: 'The plan was shown to the user.', summary: `Plan: ${done} of ${items.length} done` };
  }
}
