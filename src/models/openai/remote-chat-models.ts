import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import type { ChatModel } from '../chat-model.js';
import { OpenAiModel } from './openai-model.js';
import { remoteErrors } from './openai-errors.js';

/** A model of a server that no setting names. */
export interface RemoteChatModel {
  /** As runs name it. */
  ref: string;
  /** Its name at the server. */
  model: string;
  url: string;
  /** Sent with each request; secrets. */
  headers: Readonly<Record<string, string>>;
  /** Longest silence, ms. */
  timeoutMs: number;
}

class NamedOpenAiModel extends OpenAiModel {
  private readonly named: string;

  constructor(settings: Settings, clock: Clock, { ref, model, headers }: RemoteChatModel) {
    super(settings, clock, model, { headers, errors: remoteErrors });
    this.named = ref;
  }

  override get ref(): string {
    return this.named;
  }
}

const REMEMBERED = 200;

/** Agents elsewhere that speak OpenAI's Chat Completions. The same one is always the same object, as in a catalogue. */
@Injectable()
export class RemoteChatModels {
  private readonly models = new Map<string, ChatModel>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** @param remote its headers authorise it: the key of the settings belongs to another server. */
  model(remote: RemoteChatModel): ChatModel {
    const key = JSON.stringify(remote);
    const known = this.models.get(key);
    if (known) return known;
    const { MODEL_CONTEXT_TOKENS: _tokens, OPENAI_API_KEY: _key, ...others } = this.settings;
    const settings = { ...others, OPENAI_BASE_URL: remote.url, MODEL_TIMEOUT_MS: remote.timeoutMs };
    const made = new NamedOpenAiModel(settings, this.clock, remote);
    if (this.models.size >= REMEMBERED) this.models.clear(); // the file of agents has changed very often
    this.models.set(key, made);
    return made;
  }
}
