import OpenAI from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { Clock } from '../../common/index.js';
import type { Settings } from '../../platform/config/index.js';
import type { ModelRequest } from '../chat-model.js';
import { alternating } from '../server/alternating.js';
import { ModelEndpoint } from '../server/model-endpoint.js';
import type { ProviderErrors } from '../server/provider-errors.js';
import { ServedModel, type Parts, type SendOptions } from '../server/served-model.js';
import { ChunkReader } from './chunk-reader.js';
import { leaveOut } from './leave-out.js';
import { openAiErrors } from './openai-errors.js';
import { toParams } from './openai-messages.js';
import { samplingParams } from './openai-sampling.js';

const OPENAI_URL = 'https://api.openai.com/v1';

/** Any endpoint that speaks OpenAI's Chat Completions: OpenAI, Ollama, vLLM, OpenRouter and others. */
export class OpenAiModel extends ServedModel<ChatCompletionCreateParamsStreaming> {
  private readonly client: OpenAI;

  /**
   * @param model its name at the server.
   * @param given what is different for a server that the settings do not name.
   */
  constructor(
    settings: Settings,
    clock: Clock,
    model: string = settings.OPENAI_MODEL,
    given: { headers?: Readonly<Record<string, string>>; errors?: ProviderErrors } = {},
  ) {
    const { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl = OPENAI_URL } = settings;
    const apiKey = key ?? 'none'; // local servers need none, the client insists on one
    const options = {
      model,
      baseUrl,
      modelsUrl: `${baseUrl.replace(/\/+$/, '')}/models`,
      headers: { authorization: `Bearer ${apiKey}`, ...given.headers },
      secrets: [...(key === undefined ? [] : [key]), ...Object.values(given.headers ?? {})],
      errors: given.errors ?? openAiErrors,
      contextTokens: settings.MODEL_CONTEXT_TOKENS,
    };
    super(settings, new ModelEndpoint(options, settings, clock));
    this.client = new OpenAI({
      apiKey,
      baseURL: baseUrl,
      defaultHeaders: { ...given.headers },
      // Set explicitly, because otherwise the client reads the environment itself.
      organization: null,
      project: null,
      maxRetries: 0, // the loop retries: visibly, and without repeating what was received
      logLevel: 'off',
    });
  }

  override get ref(): string {
    return `openai:${this.name}`;
  }

  protected override reader({ tools }: ModelRequest): ChunkReader {
    return new ChunkReader(
      this.origin,
      tools.map(({ name }) => name),
    );
  }

  protected override send(
    body: ChatCompletionCreateParamsStreaming,
    { watched, signal, timeout }: SendOptions,
  ): Promise<Response> {
    const client = this.client.withOptions({ fetch: watched.fetch });
    return client.chat.completions.create(body, { signal, timeout }).asResponse();
  }

  protected override body(request: ModelRequest, without: Parts): ChatCompletionCreateParamsStreaming {
    const { messages, tools, sampling, parallel_tool_calls } = request;
    const functions = tools.map((tool) => ({ type: 'function' as const, function: { ...tool } }));
    const body: ChatCompletionCreateParamsStreaming = {
      model: this.name,
      messages: toParams(alternating(messages), { origin: this.origin, images: !without.has('images') }),
      ...(functions.length > 0 && { tools: functions }),
      ...(functions.length > 0 && parallel_tool_calls !== undefined && { parallel_tool_calls }),
      ...samplingParams(sampling, this.settings.OPENAI_BASE_URL === undefined, without),
      stream: true,
      stream_options: { include_usage: true },
    };
    return leaveOut(body, without);
  }

  /** The origin whose signatures and thinking may be sent back. */
  private get origin(): string {
    return `${this.name}@${this.endpoint.host}`;
  }
}
