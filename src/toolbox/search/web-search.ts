import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { ToolError } from '../../tools/index.js';
import { foreignLine, foreignUrl } from '../shared/foreign-text.js';
import { JsonApi } from '../shared/json-api.js';
import type { RawHit, SearchEngine, SearchQuery } from './search-engine.js';
import { searxng } from './searxng.js';
import { serper } from './serper.js';
import { tavily } from './tavily.js';

/** A result of a search, cleaned. */
export interface SearchHit {
  title: string;
  url: string;
  snippet: string;
  date?: string;
}

const ENGINES: Readonly<Record<'serper' | 'tavily' | 'searxng', SearchEngine>> = { serper, tavily, searxng };
const TITLE_MAX_CHARS = 200;
const SNIPPET_MAX_CHARS = 1000;
const DATE_MAX_CHARS = 40;

/** Searches the web with the engine of the settings. */
@Injectable()
export class WebSearch {
  constructor(
    private readonly settings: Settings,
    private readonly api: JsonApi,
  ) {}

  /** Best first; empty if there is nothing. @throws ToolError as {@link JsonApi.ask}. */
  async search(query: SearchQuery, signal: AbortSignal): Promise<SearchHit[]> {
    const { WEB_SEARCH_PROVIDER, WEB_SEARCH_API_KEY: key = '', WEB_SEARCH_URL } = this.settings;
    const engine = WEB_SEARCH_PROVIDER && ENGINES[WEB_SEARCH_PROVIDER];
    const base = WEB_SEARCH_URL ?? engine?.home;
    if (!engine || base === undefined)
      throw new ToolError('No search engine is configured.', 'not_configured');
    const hits = await this.api.ask({
      peer: 'The search engine',
      setting: key === '' ? 'WEB_SEARCH_URL' : 'WEB_SEARCH_API_KEY',
      ...engine.ask(query, base.replace(/\/+$/, ''), key),
      answer: engine.answer,
      secrets: [key],
      signal,
    });
    return hits.flatMap(cleaned).slice(0, query.num_results);
  }
}

/** Empty if it leads nowhere. */
function cleaned({ title, url, snippet, date }: RawHit): SearchHit[] {
  const target = foreignUrl(url);
  if (target === undefined) return [];
  const shown = foreignLine(title, TITLE_MAX_CHARS) || target;
  const day = date === undefined ? '' : foreignLine(date, DATE_MAX_CHARS);
  return [
    {
      title: shown,
      url: target,
      snippet: foreignLine(snippet, SNIPPET_MAX_CHARS),
      ...(day && { date: day }),
    },
  ];
}
