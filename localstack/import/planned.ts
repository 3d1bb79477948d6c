/** A shop as the publisher has it (`GET /shops`). */
export type PresentShop = {
  id: string;
  version: number;
  openness: 'open' | 'paused' | 'closed';
  name: string;
  category: string;
  region: { province: string | null; city: string | null };
  address: string;
  place: { latitude: number; longitude: number } | null;
  delivery: boolean | null;
  parking: boolean | null;
  hours: string | null;
  menu: { id: string; name: string; price: number | null; priceNote: string | null }[];
};

/** One call of the command API. */
export type PlannedCommand = { method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string; body?: unknown };

/** What turns one shop into what the file says, in order. `version` is the one it was compared at; 0 for none. */
export type ShopPlan = {
  id: string;
  kind: 'register' | 'change' | 'close';
  version: number;
  commands: PlannedCommand[];
};
