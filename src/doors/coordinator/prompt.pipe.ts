import { Injectable, type PipeTransform } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { IsCleanText, IsNotBlank, MaxChars, RequestValidationPipe } from '../../platform/http/index.js';

class Prompt {
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('CONTENT_MAX_CHARS')
  prompt!: string;
}

/** `?prompt=` beside parameters that clients of event streams add. */
@Injectable()
export class PromptPipe implements PipeTransform<unknown, Promise<string>> {
  private readonly validation: RequestValidationPipe;

  constructor(settings: Settings) {
    this.validation = new RequestValidationPipe(settings);
  }

  /** @throws AppError 400 `validation_failed`. */
  async transform(prompt: unknown): Promise<string> {
    const given = await this.validation.transform({ prompt }, { type: 'query', metatype: Prompt });
    return (given as Prompt).prompt;
  }
}
