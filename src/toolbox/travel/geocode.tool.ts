import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { cleanText } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { Tool, ToolError, type ToolContext, type ToolResult } from '../../tools/index.js';
import { foreignLine } from '../shared/foreign-text.js';
import { JsonApi } from '../shared/json-api.js';
import { CALL_TIMEOUT_MS } from '../shared/limits.js';

const NAME_MAX_CHARS = 200;

const parameters = z.object({
  location: z.string().trim().min(1).max(200).describe('Name of a place, or a postal code, such as "Tokyo"'),
  limit: z.int().min(1).max(10).default(3).describe('Maximum number of places'),
  language: z
    .string()
    .regex(/^[a-z]{2}$/)
    .default('en')
    .describe('Language of the names: two letters'),
});

const name = z.string().transform((text) => foreignLine(text, NAME_MAX_CHARS));
const placeSchema = z.object({
  name,
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  country: name.optional(),
  country_code: name.optional(),
  admin1: name.optional(),
  timezone: name.optional(),
  population: z.number().optional(),
});
/** A search without a result has no `results`. */
const answer = z.object({ results: z.array(placeSchema).default([]) });

/** Where places are. */
@Injectable()
export class GeocodeTool {
  constructor(
    private readonly settings: Settings,
    private readonly api: JsonApi,
  ) {}

  @Tool({
    name: 'geocode',
    label: 'Find a place',
    description:
      'Finds places by name: latitude, longitude, country, time zone, best match first, as JSON. Use it before weather.',
    parameters,
    idempotent: true,
    timeout_ms: CALL_TIMEOUT_MS,
  })
  async geocode(
    { location, limit, language }: z.output<typeof parameters>,
    { signal }: ToolContext,
  ): Promise<ToolResult> {
    const url = new URL(this.settings.GEOCODE_URL);
    const asked = { name: cleanText(location), count: String(limit), language, format: 'json' };
    for (const [key, value] of Object.entries(asked)) url.searchParams.set(key, value);
    const found = await this.api.ask({
      peer: 'The service that finds places',
      setting: 'GEOCODE_URL',
      url,
      answer,
      signal,
    });
    const places = found.results.slice(0, limit).map(({ admin1, ...place }) => ({
      ...place,
      ...(admin1 && { region: admin1 }),
    }));
    const [first] = places;
    if (!first)
      throw new ToolError(
        `There is no place named "${location}". Try another spelling, or the name of the place alone.`,
        'place_not_found',
      );
    const where = [first.name, first.country].filter(Boolean).join(', ');
    return { json: { places }, summary: `${where} (${first.latitude}, ${first.longitude})` };
  }
}
