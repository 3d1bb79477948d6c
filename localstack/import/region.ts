import type * as z from 'zod/mini';
import type { Region } from '../../contracts/shops/shop.ts';

/** The 17 provinces and metropolitan cities by short name, with their long names between 2021 and 2024. */
const PROVINCES: Record<string, string[]> = {
  서울: ['서울특별시', '서울시'],
  부산: ['부산광역시', '부산시'],
  대구: ['대구광역시', '대구시'],
  인천: ['인천광역시', '인천시'],
  광주: ['광주광역시'],
  대전: ['대전광역시', '대전시'],
  울산: ['울산광역시', '울산시'],
  세종: ['세종특별자치시', '세종시'],
  경기: ['경기도'],
  강원: ['강원도', '강원특별자치도'],
  충북: ['충청북도'],
  충남: ['충청남도'],
  전북: ['전라북도', '전북특별자치도'],
  전남: ['전라남도'],
  경북: ['경상북도'],
  경남: ['경상남도'],
  제주: ['제주특별자치도', '제주도'],
};

const shortNames = new Map(
  Object.entries(PROVINCES).flatMap(([short, long]) => [short, ...long].map((name) => [name, short])),
);

/** Shortens the name of a province: 서울 for 서울특별시. Null if it is no province. */
export function shortProvince(name: string): string | null {
  return shortNames.get(name.trim()) ?? null;
}

/** Reads the region at the beginning of an address; null without a province, since the road alone is not enough. */
export function regionOfAddress(address: string): z.output<typeof Region> | null {
  const [first = '', second = ''] = address.split(/\s+/);
  const province = shortProvince(first);
  if (province === null) return null;
  return { province, city: /^\p{Script=Hangul}+[시군구]$/u.test(second) ? second : null };
}
