import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { Settings } from '../platform/config/index.js';
import { QueryDatabaseTool } from './database/query-database.tool.js';
import { ReadOnlyDatabase } from './database/read-only-session.js';
import { Mailbox } from './email/mailbox.js';
import { SearchEmailsTool } from './email/search-emails.tool.js';
import { SendEmailTool } from './email/send-email.tool.js';
import { SmtpDelivery } from './email/smtp-delivery.js';
import { AddressGuard } from './pages/address-guard.js';
import { FetchPageTool } from './pages/fetch-page.tool.js';
import { HtmlReader } from './pages/html-reader.js';
import { PageFetcher } from './pages/page-fetcher.js';
import { PageRequest } from './pages/page-request.js';
import { WebSearch } from './search/web-search.js';
import { WebSearchTool } from './search/web-search.tool.js';
import { JsonApi } from './shared/json-api.js';
import { ConvertCurrencyTool } from './travel/convert-currency.tool.js';
import { GeocodeTool } from './travel/geocode.tool.js';
import { WeatherTool } from './travel/weather.tool.js';

const PAGES = [AddressGuard, PageRequest, HtmlReader, PageFetcher];
const KEYLESS: Readonly<Record<string, Provider>> = {
  fetch_page: FetchPageTool,
  geocode: GeocodeTool,
  weather: WeatherTool,
  convert_currency: ConvertCurrencyTool,
};

/** The tools that reach out of this deployment: only those that the settings turn on exist. */
@Module({})
export class ToolboxModule {
  static with(settings: Settings): DynamicModule {
    const keyless = settings.TOOLBOX.map((name) => KEYLESS[name]).filter((tool) => tool !== undefined);
    return {
      module: ToolboxModule,
      providers: [
        JsonApi,
        ...PAGES,
        ...new Set(keyless),
        ...(settings.WEB_SEARCH_PROVIDER ? [WebSearch, WebSearchTool] : []),
        ...(settings.SMTP_URL ? [SmtpDelivery, SendEmailTool] : []),
        ...(settings.IMAP_URL ? [Mailbox, SearchEmailsTool] : []),
        ...(settings.DATABASE_QUERY_URL ? [ReadOnlyDatabase, QueryDatabaseTool] : []),
      ],
    };
  }
}
