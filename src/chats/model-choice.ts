import { AppError } from '../common/index.js';

/** The models that a chat can choose. A port: the agents of this deployment know them, and are above `chats`. */
export abstract class ModelChoice {
  /** `provider:model`, those that are asked first in front. */
  abstract get names(): readonly string[];

  /**
   * The model of that name, with or without its provider.
   * @returns `provider:model`; `null` and `undefined` as they are.
   * @throws AppError 400 `unknown_model`.
   */
  require<T extends null | undefined>(name: string | T): string | T {
    if (typeof name !== 'string') return name;
    const { names } = this;
    const found = names.find((ref) => ref === name) ?? names.find((ref) => withoutProvider(ref) === name);
    if (found !== undefined) return found;
    throw new AppError('unknown_model', { model: name, names });
  }
}

const withoutProvider = (ref: string): string => ref.slice(ref.indexOf(':') + 1);
