import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Settings } from '../../platform/config/index.js';
import { Tool, type ToolContext, type ToolResult } from '../../tools/index.js';
import { JsonApi } from '../shared/json-api.js';
import { CALL_TIMEOUT_MS } from '../shared/limits.js';
import { CURRENT, DAILY, weatherAnswer, weatherReport } from './weather-answer.js';

const parameters = z.object({
  latitude: z.number().min(-90).max(90).describe('As a number, such as 35.6762'),
  longitude: z.number().min(-180).max(180).describe('As a number, such as 139.6503'),
  days: z.int().min(1).max(16).default(3).describe('Days of the forecast, today included'),
});

/** The weather now and in the next days. */
@Injectable()
export class WeatherTool {
  constructor(
    private readonly settings: Settings,
    private readonly api: JsonApi,
  ) {}

  @Tool({
    name: 'weather',
    label: 'Look up the weather',
    description:
      'The weather now and the forecast of up to 16 days at a latitude and longitude, as JSON. Use geocode first to find these.',
    parameters,
    idempotent: true,
    timeout_ms: CALL_TIMEOUT_MS,
  })
  async weather(args: z.output<typeof parameters>, { signal }: ToolContext): Promise<ToolResult> {
    const url = new URL(this.settings.WEATHER_URL);
    const asked = {
      latitude: String(args.latitude),
      longitude: String(args.longitude),
      current: CURRENT.join(','),
      daily: DAILY.join(','),
      timezone: 'auto',
      forecast_days: String(args.days),
    };
    for (const [key, value] of Object.entries(asked)) url.searchParams.set(key, value);
    const found = await this.api.ask({
      peer: 'The weather service',
      setting: 'WEATHER_URL',
      url,
      answer: weatherAnswer,
      signal,
    });
    const report = weatherReport(found);
    const { temperature_c, conditions } = report.current;
    return {
      json: report,
      summary: temperature_c === null ? conditions : `${temperature_c} °C, ${conditions}`,
      sources: [{ title: 'Weather data by Open-Meteo.com', url: 'https://open-meteo.com/' }],
    };
  }
}
