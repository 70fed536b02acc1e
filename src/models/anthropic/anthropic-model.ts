import Anthropic from '@anthropic-ai/sdk';
import type { MessageCreateParamsStreaming, Tool } from '@anthropic-ai/sdk/resources/messages';
import type { Clock } from '../../common/index.js';
import type { Settings } from '../../platform/config/index.js';
import type { ModelRequest, ModelTool } from '../chat-model.js';
import { ModelEndpoint } from '../server/model-endpoint.js';
import { ServedModel, type Parts, type SendOptions } from '../server/served-model.js';
import { anthropicErrors } from './anthropic-errors.js';
import { mayThink, toConversation } from './anthropic-messages.js';
import { samplingParams } from './anthropic-sampling.js';
import { EventReader } from './event-reader.js';

const ANTHROPIC_URL = 'https://api.anthropic.com';
/** What lists of models are asked with; the client sends its own version with requests. */
const LIST_VERSION = '2023-06-01';

/** A model behind the Messages API: Anthropic, or a server that speaks the same. */
export class AnthropicModel extends ServedModel<MessageCreateParamsStreaming> {
  private readonly client: Anthropic;

  /** @param model its name at the server. */
  constructor(settings: Settings, clock: Clock, model: string) {
    const { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL } = settings;
    const apiKey = key ?? 'none';
    const baseUrl = (ANTHROPIC_BASE_URL ?? ANTHROPIC_URL).replace(/\/+$/, '').replace(/\/v1$/, '');
    // The client sends the key as a bearer token; compatible servers may know only the header of before.
    const headers: Record<string, string> = ANTHROPIC_BASE_URL === undefined ? {} : { 'x-api-key': apiKey };
    const options = {
      model,
      baseUrl,
      modelsUrl: `${baseUrl}/v1/models?limit=1000`,
      headers: { ...headers, authorization: `Bearer ${apiKey}`, 'anthropic-version': LIST_VERSION },
      secrets: key === undefined ? [] : [key],
      errors: anthropicErrors,
    };
    super(settings, new ModelEndpoint(options, settings, clock));
    this.client = new Anthropic({
      apiKey,
      baseURL: baseUrl,
      // Set explicitly, because otherwise the client reads the environment itself.
      webhookKey: null,
      openTelemetry: false,
      defaultHeaders: headers,
      maxRetries: 0, // the loop retries: visibly, and without repeating what was received
      logLevel: 'off',
    });
  }

  override get ref(): string {
    return `anthropic:${this.name}`;
  }

  protected override reader(): EventReader {
    return new EventReader(this.origin);
  }

  protected override send(
    body: MessageCreateParamsStreaming,
    { watched, signal, timeout }: SendOptions,
  ): Promise<Response> {
    const client = this.client.withOptions({ fetch: watched.fetch });
    return client.messages.create(body, { signal, timeout }).asResponse();
  }

  protected override body(request: ModelRequest, without: Parts): MessageCreateParamsStreaming {
    const tools = without.has('tools') ? [] : request.tools.map(toTool);
    const recipient = { origin: this.origin, images: !without.has('images'), tools: tools.length > 0 };
    const { system, messages } = toConversation(request.messages, recipient);
    const oneCall = request.parallel_tool_calls === false && !without.has('parallel_tool_calls');
    const thinks = !without.has('thinking') && mayThink(request.messages, this.origin);
    return {
      model: this.name,
      messages,
      ...(system !== '' && { system }),
      ...(tools.length > 0 && { tools }),
      ...(tools.length > 0 && oneCall && { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }),
      ...samplingParams(request.sampling, { settings: this.settings, without, thinks }),
      stream: true,
    };
  }

  /** The origin whose thinking may be sent back. */
  private get origin(): string {
    return `anthropic:${this.name}@${this.endpoint.host}`;
  }
}

function toTool({ name, description, parameters }: ModelTool): Tool {
  return { name, description, input_schema: { ...parameters, type: 'object' } };
}
