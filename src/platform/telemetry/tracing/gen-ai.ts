/**
 * Attributes of spans by the GenAI semantic conventions of OpenTelemetry (repository semantic-conventions-genai, still
 * in development). The package of constants marks most of them as deprecated since they moved there, so the strings are
 * written here.
 */
export const GEN_AI = {
  /** `chat`, `invoke_agent`, `invoke_workflow`, `execute_tool` */
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  conversation: 'gen_ai.conversation.id',
  agent: 'gen_ai.agent.name',
  agentVersion: 'gen_ai.agent.version',
  model: 'gen_ai.request.model',
  stream: 'gen_ai.request.stream',
  temperature: 'gen_ai.request.temperature',
  topP: 'gen_ai.request.top_p',
  maxTokens: 'gen_ai.request.max_tokens',
  seed: 'gen_ai.request.seed',
  stop: 'gen_ai.request.stop_sequences',
  reasoning: 'gen_ai.request.reasoning.level',
  finishReasons: 'gen_ai.response.finish_reasons',
  firstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheRead: 'gen_ai.usage.cache_read.input_tokens',
  cacheWrite: 'gen_ai.usage.cache_write.input_tokens',
  tool: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  toolCall: 'gen_ai.tool.call.id',
  // Only with TRACE_CONTENT.
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  toolArguments: 'gen_ai.tool.call.arguments',
  toolResult: 'gen_ai.tool.call.result',
} as const;

/** Attributes of our own. */
export const REPRISE = {
  message: 'reprise.message_id',
  attempt: 'reprise.attempt',
  /** How long the run waited for a worker, ms. */
  queued: 'reprise.queued_ms',
  status: 'reprise.status',
  toolCalls: 'reprise.tool_calls',
  cost: 'reprise.cost',
  currency: 'reprise.cost_currency',
  /** Of a link: `previous_attempt`. */
  link: 'reprise.link',
} as const;
