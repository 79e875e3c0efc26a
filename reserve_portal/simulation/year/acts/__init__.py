"""The acts of a year: each plans its deeds over a Year, and deeds plan what follows from them."""
