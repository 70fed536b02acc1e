import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { withDeadline } from '../shared/deadline.js';
import { foreignLine, foreignText } from '../shared/foreign-text.js';
import { HtmlReader, type ReadableText } from './html-reader.js';
import { PageRequest } from './page-request.js';
import { pageText, pageType } from './page-text.js';

/** A page as the model reads it. */
export interface Page {
  /** Where it was found in the end. */
  url: string;
  title: string;
  description: string;
  content: string;
  /** Words of the whole page. */
  word_count: number;
  /** Where the next part begins; missing if this was the last one. */
  next_offset?: number;
}

/** Which part of a page is wanted, in characters. */
export interface PagePart {
  offset: number;
  max_length: number;
}

const TITLE_MAX_CHARS = 300;
const DESCRIPTION_MAX_CHARS = 500;

/** Fetches a page and finds its text. */
@Injectable()
export class PageFetcher {
  constructor(
    private readonly settings: Settings,
    private readonly request: PageRequest,
    private readonly html: HtmlReader,
  ) {}

  /** @throws ToolError with what the model can do about it. */
  async fetch(address: string, part: PagePart, signal: AbortSignal): Promise<Page> {
    const { url, text } = await this.read(address, signal);
    const content = foreignText(text.content);
    const end = part.offset + part.max_length;
    return {
      url,
      title: foreignLine(text.title, TITLE_MAX_CHARS),
      description: foreignLine(text.description, DESCRIPTION_MAX_CHARS),
      content: content.slice(part.offset, end).toWellFormed(),
      word_count: content.split(/\s+/).filter(Boolean).length,
      ...(end < content.length && { next_offset: end }),
    };
  }

  private async read(address: string, signal: AbortSignal): Promise<{ url: string; text: ReadableText }> {
    const deadline = { signal, ms: this.settings.TOOLBOX_TIMEOUT_MS, peer: 'The site' };
    const { url, contentType, bytes } = await withDeadline(deadline, (end) => this.request.get(address, end));
    const type = pageType(contentType, bytes);
    const source = pageText(bytes, type);
    const text =
      type.kind === 'html'
        ? await this.html.read(source, url, signal)
        : { title: '', description: '', content: source };
    return { url: url.href, text };
  }
}
