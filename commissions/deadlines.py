from reserve_portal.regulations.deadlines import register_event

register_event("quarterly_body.met", "Орган, который заседает каждый квартал, провёл заседание")
