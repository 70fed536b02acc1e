import { hangs, json, openToolbox, sends, Site, type Answer, type Toolbox } from './support.js';

/** Answers as the public services give them, abridged. */
const PLACES = {
  results: [
    {
      id: 1850147,
      name: 'Tokyo',
      latitude: 35.6895,
      longitude: 139.69171,
      elevation: 44.0,
      feature_code: 'PPLC',
      country_code: 'JP',
      admin1_id: 1850144,
      timezone: 'Asia/Tokyo',
      population: 9733276,
      country_id: 1861060,
      country: 'Japan',
      admin1: 'Tokyo',
    },
    { id: 7, name: 'Tokyo\u202E', latitude: -9.5, longitude: 147.2, country: 'Papua New Guinea' },
  ],
  generationtime_ms: 0.6,
};
const FORECAST = {
  latitude: 35.7,
  longitude: 139.6875,
  generationtime_ms: 0.12,
  utc_offset_seconds: 32400,
  timezone: 'Asia/Tokyo',
  timezone_abbreviation: 'GMT+9',
  elevation: 40.0,
  current_units: { time: 'iso8601', temperature_2m: '°C' },
  current: {
    time: '2026-11-27T22:00',
    interval: 900,
    temperature_2m: 11.4,
    apparent_temperature: 9.1,
    relative_humidity_2m: 61,
    precipitation: 0,
    weather_code: 2,
    wind_speed_10m: 6.5,
  },
  daily_units: { time: 'iso8601' },
  daily: {
    time: ['2026-11-27', '2026-11-28'],
    weather_code: [61, null],
    temperature_2m_max: [15.2, 14],
    temperature_2m_min: [8.1, null],
    precipitation_sum: [2.5, null],
    precipitation_probability_max: [80, null],
    wind_speed_10m_max: [20.1, null],
  },
};

let site: Site;
let tools: Toolbox;
let hasty: Toolbox;
beforeAll(async () => {
  site = await Site.start();
  const env = {
    TOOLBOX: 'geocode, weather, convert_currency',
    GEOCODE_URL: site.url('/geocode'),
    WEATHER_URL: site.url('/forecast'),
    CURRENCY_URL: site.url('/v1'),
  };
  tools = await openToolbox(env);
  hasty = await openToolbox({ ...env, TOOLBOX_TIMEOUT_MS: '300' });
});
afterAll(async () => {
  await tools.close();
  await hasty.close();
  await site.stop();
});

const asked = () => Object.fromEntries(site.asked.at(-1)!.url.searchParams);

describe('geocode', () => {
  it('finds places, best first', async () => {
    site.answers['/geocode'] = json(PLACES);
    const result = await tools.call('geocode', { location: ' Tokyo ' });
    expect(asked()).toEqual({ name: 'Tokyo', count: '3', language: 'en', format: 'json' });
    expect(result).toEqual({
      json: {
        places: [
          {
            name: 'Tokyo',
            latitude: 35.6895,
            longitude: 139.69171,
            country: 'Japan',
            country_code: 'JP',
            timezone: 'Asia/Tokyo',
            population: 9733276,
            region: 'Tokyo',
          },
          { name: 'Tokyo', latitude: -9.5, longitude: 147.2, country: 'Papua New Guinea' },
        ],
      },
      summary: 'Tokyo, Japan (35.6895, 139.69171)',
    });
  });

  it.each([[{ generationtime_ms: 0.3 }], [{ results: [] }]])(
    'says that there is no such place: %j',
    async (answer) => {
      site.answers['/geocode'] = json(answer);
      const error = await tools.fault('geocode', { location: 'Atlantis' });
      expect(error.code).toBe('place_not_found');
      expect(error.message).toContain('"Atlantis"');
    },
  );

  it.each([
    [{}],
    [{ location: '' }],
    [{ location: 'x', limit: 0 }],
    [{ location: 'x', language: 'english' }],
  ])('refuses %j', async (args) => {
    expect((await tools.fault('geocode', args)).code).toBe('invalid_arguments');
  });
});

describe('weather', () => {
  it('gives the weather now and in the next days', async () => {
    site.answers['/forecast'] = json(FORECAST);
    // models quote numbers
    const {
      json: report,
      summary,
      sources,
    } = await tools.call('weather', { latitude: '35.6895', longitude: 139.69171, days: 2 });
    expect(asked()).toMatchObject({
      latitude: '35.6895',
      longitude: '139.69171',
      timezone: 'auto',
      forecast_days: '2',
      current: expect.stringContaining('temperature_2m,'),
      daily: expect.stringContaining('weather_code,'),
    });
    expect(report).toEqual({
      latitude: 35.7,
      longitude: 139.6875,
      timezone: 'Asia/Tokyo',
      current: {
        time: '2026-11-27T22:00',
        conditions: 'partly cloudy',
        temperature_c: 11.4,
        feels_like_c: 9.1,
        humidity_percent: 61,
        precipitation_mm: 0,
        wind_kmh: 6.5,
      },
      days: [
        {
          date: '2026-11-27',
          conditions: 'slight rain',
          min_c: 8.1,
          max_c: 15.2,
          precipitation_mm: 2.5,
          precipitation_probability_percent: 80,
          wind_max_kmh: 20.1,
        },
        {
          date: '2026-11-28',
          conditions: 'unknown',
          min_c: null,
          max_c: 14,
          precipitation_mm: null,
          precipitation_probability_percent: null,
          wind_max_kmh: null,
        },
      ],
    });
    expect(summary).toBe('11.4 °C, partly cloudy');
    expect(sources).toEqual([{ title: 'Weather data by Open-Meteo.com', url: 'https://open-meteo.com/' }]);
  });

  it('passes on why the service refuses', async () => {
    site.answers['/forecast'] = json({ error: true, reason: 'No data is available for this location' }, 400);
    const error = await tools.fault('weather', { latitude: 0, longitude: 0 });
    expect(error.code).toBe('rejected');
    expect(error.message).toContain('No data is available for this location');
  });

  it.each([
    [{ latitude: 91, longitude: 0 }],
    [{ latitude: 0, longitude: -181 }],
    [{ latitude: 'north', longitude: 0 }],
    [{ latitude: 0 }],
    [{ latitude: 0, longitude: 0, days: 17 }],
  ])('refuses %j', async (args) => {
    expect((await tools.fault('weather', args)).code).toBe('invalid_arguments');
  });
});

describe('convert_currency', () => {
  it.each([
    [{ amount: 100, from_currency: 'usd', to_currency: 'JPY' }, { JPY: 156.789 }, 15679, '/v1/latest'],
    [
      { amount: '19.99', from_currency: 'EUR', to_currency: 'USD', date: '2026-01-05' },
      { USD: 1.0824 },
      21.64,
      '/v1/2026-01-05',
    ],
    [{ amount: 1, from_currency: 'KWD', to_currency: 'BHD' }, { BHD: 1.22345 }, 1.223, '/v1/latest'],
    [{ amount: 0, from_currency: 'EUR', to_currency: 'USD' }, { USD: 1.1 }, 0, '/v1/latest'],
  ])('%j', async (args, rates, converted, path) => {
    site.answers[path] = json({ amount: 1.0, base: 'X', date: '2026-01-05', rates });
    const { json: result, summary } = await tools.call('convert_currency', args);
    const [[to, rate] = []] = Object.entries(rates);
    expect(site.asked.at(-1)!.url.pathname).toBe(path);
    expect(asked()).toEqual({ base: args.from_currency.toUpperCase(), symbols: to });
    expect(result).toEqual({
      amount: Number(args.amount),
      from_currency: args.from_currency.toUpperCase(),
      to_currency: to,
      rate,
      converted_amount: converted,
      date: '2026-01-05',
    });
    expect(summary).toBe(`${Number(args.amount)} ${args.from_currency.toUpperCase()} = ${converted} ${to}`);
  });

  it('need not ask for the same currency', async () => {
    const before = site.asked.length;
    const { json: result } = await tools.call('convert_currency', {
      amount: 5,
      from_currency: 'EUR',
      to_currency: 'eur',
    });
    expect(result).toMatchObject({ rate: 1, converted_amount: 5 });
    expect(site.asked).toHaveLength(before);
  });

  it.each([
    ['an unknown currency', json({ message: 'not found' }, 404)],
    ['an unknown target', json({ amount: 1.0, base: 'EUR', date: '2026-01-05', rates: {} })],
  ])('%s: says that there is no rate', async (_what, answer) => {
    site.answers['/v1/latest'] = answer;
    const error = await tools.fault('convert_currency', {
      amount: 1,
      from_currency: 'EUR',
      to_currency: 'XXX',
    });
    expect(error.code).toBe('no_rate');
    expect(error.message).toContain('from EUR to XXX');
  });

  it.each([
    [{ amount: -1, from_currency: 'EUR', to_currency: 'USD' }],
    [{ amount: 1, from_currency: 'EURO', to_currency: 'USD' }],
    [{ amount: 1, from_currency: '../', to_currency: 'USD' }],
    [{ amount: 1, from_currency: 'EUR', to_currency: 'USD', date: '2026-02-30' }],
    [{ amount: 'a lot', from_currency: 'EUR', to_currency: 'USD' }],
  ])('refuses %j', async (args) => {
    expect((await tools.fault('convert_currency', args)).code).toBe('invalid_arguments');
  });
});

const calls: [string, string, object][] = [
  ['geocode', '/geocode', { location: 'x' }],
  ['weather', '/forecast', { latitude: 1, longitude: 2 }],
  ['convert_currency', '/v1/latest', { amount: 1, from_currency: 'EUR', to_currency: 'USD' }],
];
describe.each(calls)('%s, when its service fails', (name, path, args) => {
  const wrong: [string, Answer, string][] = [
    ['too many requests', json({ error: true }, 429), 'rate_limited'],
    ['a fault', json({}, 502), 'unreachable'],
    ['a login page', json({}, 403), 'not_authorized'],
    ['HTML', sends('<html>', 'text/html'), 'unreadable_answer'],
    [
      'the wrong types',
      json({ results: [{ name: 1 }], current: 'x', rates: { USD: 'x' } }),
      'unreadable_answer',
    ],
    ['50 MB', sends(Buffer.alloc(50_000_000, ' '), 'application/json'), 'too_large'],
    ['silence', hangs, 'timed_out'],
  ];
  it.each(wrong)('%s', async (_what, answer, code) => {
    site.answers[path] = answer;
    const asked = code === 'timed_out' ? hasty : tools;
    expect((await asked.fault(name, args)).code).toBe(code);
  });

  it('ends with the call', async () => {
    site.answers[path] = hangs;
    const end = new AbortController();
    const call = tools.call(name, args, end.signal);
    end.abort(new Error('cancelled'));
    await expect(call).rejects.toThrow('cancelled');
  });
});
