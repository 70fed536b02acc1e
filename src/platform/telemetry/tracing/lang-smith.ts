import { GEN_AI } from './gen-ai.js';
import type { SpanAttributes } from './span.js';

const KINDS: Readonly<Record<string, string>> = {
  chat: 'llm',
  execute_tool: 'tool',
  invoke_agent: 'chain',
  invoke_workflow: 'chain',
};

/** How LangSmith shows a span: what kind of step it is, and its name there. */
export function langSmithAttributes(attributes: SpanAttributes): SpanAttributes {
  const operation = attributes[GEN_AI.operation];
  if (typeof operation !== 'string') return attributes;
  const named = {
    ...attributes,
    'langsmith.span.kind': KINDS[operation] ?? 'chain',
    'langsmith.metadata.thread_id': attributes[GEN_AI.conversation],
  };
  const model = attributes[GEN_AI.model];
  const agent = attributes[GEN_AI.agent];
  if (operation === 'chat' && typeof model === 'string')
    return { ...named, 'langsmith.trace.name': `${model}_llm_call` };
  if (operation === 'invoke_workflow' && typeof agent === 'string')
    return { ...named, 'langsmith.trace.name': `${agent}_orchestrator` };
  return named;
}
