import { z } from 'zod';
import { foreignLine } from '../shared/foreign-text.js';
import { condition } from './weather-codes.js';

/** What is asked for; the answer repeats the names. */
export const CURRENT = [
  'temperature_2m',
  'apparent_temperature',
  'relative_humidity_2m',
  'precipitation',
  'weather_code',
  'wind_speed_10m',
] as const;
export const DAILY = [
  'weather_code',
  'temperature_2m_max',
  'temperature_2m_min',
  'precipitation_sum',
  'precipitation_probability_max',
  'wind_speed_10m_max',
] as const;

const SHORT = 40;
/** Models end at different days: beyond, values are null. */
const value = z.number().nullish();
const values = z.array(value).default([]);
const short = z.string().transform((text) => foreignLine(text, SHORT));

/** What the weather service answers. */
export const weatherAnswer = z.object({
  latitude: z.number(),
  longitude: z.number(),
  timezone: short.default('UTC'),
  current: z.object({
    time: short,
    temperature_2m: value,
    apparent_temperature: value,
    relative_humidity_2m: value,
    precipitation: value,
    weather_code: value,
    wind_speed_10m: value,
  }),
  daily: z.object({
    time: z.array(short).max(366),
    weather_code: values,
    temperature_2m_max: values,
    temperature_2m_min: values,
    precipitation_sum: values,
    precipitation_probability_max: values,
    wind_speed_10m_max: values,
  }),
});

/** As the model reads it: units in the names, days as a list. */
export function weatherReport({
  latitude,
  longitude,
  timezone,
  current,
  daily,
}: z.output<typeof weatherAnswer>) {
  return {
    latitude,
    longitude,
    timezone,
    current: {
      time: current.time,
      conditions: condition(current.weather_code),
      temperature_c: current.temperature_2m ?? null,
      feels_like_c: current.apparent_temperature ?? null,
      humidity_percent: current.relative_humidity_2m ?? null,
      precipitation_mm: current.precipitation ?? null,
      wind_kmh: current.wind_speed_10m ?? null,
    },
    days: daily.time.map((date, day) => ({
      date,
      conditions: condition(daily.weather_code[day]),
      min_c: daily.temperature_2m_min[day] ?? null,
      max_c: daily.temperature_2m_max[day] ?? null,
      precipitation_mm: daily.precipitation_sum[day] ?? null,
      precipitation_probability_percent: daily.precipitation_probability_max[day] ?? null,
      wind_max_kmh: daily.wind_speed_10m_max[day] ?? null,
    })),
  };
}
