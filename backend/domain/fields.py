"""The field a text belongs to, where it clearly does: broader than its own words, proved by one of its sentences.

The fields are those by which libraries shelve books (the divisions of the usual classifications, in everyday words),
each with what it deals with, for the embedding model to liken a text to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEAR = 0.3
"""Cosine of a text to its field below which it belongs to none in particular."""
PROVED = 0.25
"""Cosine of the sentence that proves it."""

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
Vectors = NDArray[np.float32]

_SHELVES = """
Mathematics: numbers, algebra, geometry, calculus, theorems and proofs
Statistics: probability, data, samples, estimates and regression
Physics: matter, energy, forces, particles and waves
Chemistry: elements, molecules, reactions and compounds
Astronomy: stars, planets, galaxies and telescopes
Space exploration: spacecraft, rockets, satellites and missions into orbit
Geology: rocks, minerals, earthquakes and volcanoes
Climate: weather, atmosphere, warming and emissions
Oceanography: oceans, tides, currents and the deep sea
Biology: cells, organisms, life and evolution
Genetics: genes, DNA, inheritance and genomes
Botany: plants, trees, flowers and seeds
Zoology: animals, birds, fish, insects and mammals
Ecology: environment, species, habitats and conservation
Medicine: diseases, patients, doctors, treatment and drugs
Public health: epidemics, vaccines, hospitals and health services
Nutrition: diet, food, vitamins and calories
Psychology: mind, behaviour, emotions and mental health
Neuroscience: brain, neurons and the nervous system
Pharmacology: medicines, doses and side effects
Computer science: algorithms, programming, data structures and computation
Software: programs, applications, operating systems and source code
Computer hardware: computers, processors, disks, memory, boards and monitors
Computer graphics: images, rendering, animation and 3D models
Computer networks: protocols, servers, routers and connections
Internet: web sites, online services, e-mail and browsers
Cryptography: encryption, ciphers, keys, privacy and secrecy
Computer security: attacks, viruses, hackers and passwords
Artificial intelligence: machine learning, neural networks and robots that think
Databases: tables, queries, records and storage of data
Video games: players, consoles and computer games
Telecommunications: telephones, mobile networks, broadband and radio
Consumer electronics: gadgets, digital cameras, music players and televisions
Electronics: circuits, voltage, amplifiers, transistors and signals
Electrical engineering: power, motors, generators and the grid
Mechanical engineering: machines, engines and mechanisms
Civil engineering: bridges, roads, dams and construction
Energy: electricity, oil, gas, solar and nuclear power
Materials: metals, plastics, ceramics and their properties
Manufacturing: factories, production and quality control
Cars: automobiles, engines, driving and dealers
Motorcycles: bikes, riders, helmets and riding
Railways: trains, stations and tracks
Aviation: aircraft, airlines, pilots and airports
Shipping: ships, ports, cargo and navigation
Transport: traffic, public transport, roads and travel
Agriculture: farming, crops, livestock and soil
Cooking: recipes, ingredients, dishes and kitchens
Gardening: gardens, lawns, vegetables and flowers
Home: houses, furniture, repairs and household
Architecture: buildings, design and cities
Business: companies, profits, sales, management and markets
Economics: economy, growth, inflation, trade and unemployment
Finance: banks, shares, investment, currencies and interest rates
Accounting: balance sheets, audits and invoices
Marketing: advertising, brands, customers and campaigns
Commerce: goods for sale, prices, offers, buyers and sellers
Employment: jobs, wages, workers and unions
Insurance: policies, premiums, claims and risks
Real estate: property, rents, mortgages and housing
Taxation: taxes, duties and tax returns
Politics: government, parties, elections, ministers and policy
International relations: diplomacy, treaties, conflicts between states and peace
Public administration: authorities, councils and public services
Law: courts, judges, contracts, rights and legislation
Crime: police, murder, theft, fraud and prisons
Human rights: freedom, refugees, discrimination and equality
Firearms: guns, rifles, shooting and gun laws
Military: armies, soldiers, weapons and war
Terrorism: attacks, extremists and bombs
Migration: immigration, asylum, borders and refugees
Sociology: society, classes, groups and social change
Education: schools, universities, teachers, pupils and exams
Linguistics: language, grammar, words and meaning
Translation: translating and interpreting between languages
Anthropology: cultures, peoples and customs
Philosophy: ethics, knowledge, logic and existence
Religion: God, faith, belief, worship and scripture
Christianity: Jesus, the church, the Bible and Christian faith
Islam: Muslims, the Quran, mosques and the prophet
Judaism: Jews, the Torah, synagogues and Jewish tradition
Atheism: disbelief in gods, unbelief and arguments about religion
Mythology: myths, legends and gods of old
History: the past, empires, wars, kings and dates
Middle East: Israel, Arabs, Palestine, Turkey and Iran
Archaeology: excavations, ruins and ancient finds
Geography: countries, regions, maps and landscapes
Tourism: travel, hotels, holidays and sights
Literature: novels, poems, writers and criticism
Journalism: newspapers, reporters, press and media
Publishing: books, publishers and copyright
Libraries: catalogues, archives and documents
Film: movies, cinema, actors, directors and Oscars
Television: TV shows, series, channels and viewers
Music: songs, albums, bands, singers and concerts
Theatre: plays, stages, musicals and actors
Dance: ballet, dancers and choreography
Visual arts: painting, sculpture, museums and exhibitions
Photography: cameras, lenses and pictures
Fashion: clothes, designers and style
Celebrities: stars, awards, fame and entertainment
Sport: athletes, competitions, matches and championships
Football: clubs, goals, players, leagues and the World Cup
Rugby: tries, scrums, the Six Nations and players
Cricket: batsmen, wickets, innings and test matches
Tennis: sets, Grand Slams, serves and tournaments
Athletics: running, jumping, sprints, marathons and medals
Baseball: pitchers, hitters, innings and teams
Ice hockey: goals, pucks, players, teams and playoffs
Basketball: baskets, courts and players
Golf: holes, clubs and tournaments
Cycling: bicycles, races and riders
Motor racing: drivers, Formula One and circuits
Swimming: pools, strokes and swimmers
Boxing: fights, rounds and heavyweights
Chess: boards, pieces, openings and moves
Outdoor life: hiking, camping, climbing and nature
Family: parents, children, marriage and home life
Pets: dogs, cats and their keepers
Gender: women, men, equality and sexuality
Disasters: floods, earthquakes, storms, accidents and rescue
"""


@dataclass(frozen=True)
class Fields:
    """The names of the fields and their vectors, in the same order."""

    names: tuple[str, ...]
    vectors: Vectors


def vectors(embed: Embed) -> Fields:
    """The fields as a model sees them: about a second of work, to be done once."""
    lines = [line for line in _SHELVES.splitlines() if line]
    return Fields(tuple(line.partition(":")[0] for line in lines), embed(lines))


def of(document: Vectors, fields: Fields, *, most: int = 2) -> list[tuple[str, float, Vectors]]:
    """The fields nearest to a document's unit vector, the nearest first, with their cosine and vector; often none."""
    likeness = fields.vectors @ document
    best = np.argsort(-likeness)[:most]
    return [
        (fields.names[index], float(likeness[index]), fields.vectors[index])
        for index in best
        if likeness[index] >= max(NEAR, 0.85 * float(likeness[best[0]]))
    ]
